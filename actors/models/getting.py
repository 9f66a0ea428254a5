"""A package from wherever it is to where it can be tried, within the bounds of the device."""

import shutil
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from actors.clock import monotonic_ns
from actors.config import Models
from actors.models.catalogue import find, variant_of
from actors.models.downloads import folder_of
from actors.models.progress import Progress, Refused, of_fetch
from actors.models.remote import Remote, Terms
from actors.package.files import Folder, Memory
from actors.package.integrity import digest
from actors.package.names import broken_rule
from actors.package.opening import SEALED
from actors.store.source import Listed, Local, Protected, Source, Web

if TYPE_CHECKING:
    from actors.models.scz_vault import Azure

MB_BYTES = 1 << 20
UNNAMED = "package"


class Means(NamedTuple):
    """With what a package is got. `tell` is called in the thread that gets it."""

    rules: Models
    patience: Terms  # its bounds and authorities are those of `rules`
    azure: "Azure | None"  # None: as the environment has it
    stop: threading.Event
    tell: Callable[[Progress], None]

    @property
    def most_bytes(self) -> int:
        return min(self.rules.download_mb, self.rules.quota_mb) * MB_BYTES

    @property
    def terms(self) -> Terms:
        return msgspec.structs.replace(
            self.patience, most_bytes=self.most_bytes, ca_file=self.rules.ca_file
        )


class Got(NamedTuple):
    """Where it lies, and its content address if that is known before it is unpacked."""

    path: Path
    digest: str = ""


def get(source: Source, staging: Path, downloads: Path, means: Means) -> Got:
    """Have the source's file or folder, in `staging` unless it is this device's own.

    Raises `Refused`, `Stopped`, and what a download does.
    """
    into = staging / "fetched"
    into.mkdir(mode=0o700)
    means.tell(Progress("fetching", "starting"))
    match source:
        case Local():
            return _local(source, staging, means)
        case Web():
            return Got(_web(source, into, downloads, means))
        case Listed():
            return _listed(source, into, downloads, means)
        case Protected():
            return _protected(source, into, means)


def _local(source: Local, staging: Path, means: Means) -> Got:
    path = Path(source.path).absolute()
    if not path.is_dir() and not path.is_file():
        raise Refused(f"{source.path}: there is no such file or folder")
    files = Folder(path)
    is_folder = path.is_dir()
    sizes = [(path / name).stat().st_size for name in files.names()] if is_folder else []
    size_bytes = sum(sizes) if is_folder else path.stat().st_size
    _check_room(source.shown, size_bytes, size_bytes, staging, means)
    return Got(path, digest(files) if is_folder else "")


def _web(source: Web, into: Path, downloads: Path, means: Means) -> Path:
    from actors.models.fetch import fetch  # noqa: PLC0415 brings httpx

    path = into / _file_name(source.url)
    with _folder(f"web {source.url.partition('?')[0]}", downloads, means) as folder:
        fetched = fetch(
            Remote(source.url, sha256=source.sha256),
            folder / path.name,
            terms=means.terms,
            stop=means.stop,
            tell=lambda told: means.tell(of_fetch(told)),
            clock_ns=monotonic_ns,
        )
        fetched.path.rename(path)
    return path


def _listed(source: Listed, into: Path, downloads: Path, means: Means) -> Got:
    from actors.models.download import download  # noqa: PLC0415 brings httpx

    entry = find(source.name)
    size_bytes = variant_of(entry, source.precision).size_bytes
    _check_room(source.shown, size_bytes, 2 * size_bytes, into, means)
    with _folder(source.shown, downloads, means) as folder:
        package = download(
            entry,
            folder / UNNAMED,
            precision=source.precision,
            terms=means.terms,
            stop=means.stop,
            tell=lambda told: means.tell(of_fetch(told)),
            clock_ns=monotonic_ns,
        )
        package = package.rename(into / UNNAMED)
    return Got(package, digest(Folder(package)))


def _protected(source: Protected, into: Path, means: Means) -> Got:
    from actors.models.resealing import sealed_package  # noqa: PLC0415 brings cryptography
    from actors.models.scz_exchange import Network  # noqa: PLC0415

    means.tell(Progress("fetching", "asking the server of protected models"))
    network = Network(
        ca_file=means.rules.ca_file,
        stall_s=means.patience.stall_s,
        most_model_bytes=means.most_bytes,
    )
    sealed = sealed_package(source, means.rules.keys, network, means.azure)
    path = into / SEALED
    path.write_bytes(sealed)
    return Got(path, digest(Memory({SEALED: sealed})))


def _folder(resource: str, downloads: Path, means: Means) -> AbstractContextManager[Path]:
    waiting = Progress("fetching", "waiting for another download to end")
    return folder_of(
        downloads, resource, means.most_bytes, means.stop, partial(means.tell, waiting)
    )


def _file_name(url: str) -> str:
    """As it is called at the end of the address: a bare model's format is told by that."""
    name = unquote(PurePosixPath(urlsplit(url).path).name)
    return UNNAMED if broken_rule(name) or "/" in name else name


def _check_room(shown: str, size_bytes: int, wanted_bytes: int, at: Path, means: Means) -> None:
    """Refuse what cannot fit before a byte of it comes."""
    if size_bytes > means.most_bytes:
        raise Refused(
            f"{shown}: has {size_bytes:,} bytes, and models.download_mb and models.quota_mb allow "
            f"{means.most_bytes:,}"
        )
    free_bytes = shutil.disk_usage(at).free
    if wanted_bytes > free_bytes:
        raise Refused(
            f"{shown}: takes {wanted_bytes:,} bytes on the way, and {free_bytes:,} are free in "
            f"{at.parents[1]}; make room"
        )
