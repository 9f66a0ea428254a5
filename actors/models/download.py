"""A network of the catalogue made a package: its files fetched and verified, a manifest written."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from actors.models.catalogue import Entry, File, Variant, variant_of
from actors.models.fetch import fetch
from actors.models.remote import FetchError, Progress, Remote, Terms
from actors.package import PackageError
from actors.package.files import Folder
from actors.package.integrity import listed
from actors.package.manifest import MANIFEST, Input, Manifest
from actors.package.writing import write_manifest


def download(
    entry: Entry,
    into: Path,
    *,
    precision: str = "",
    terms: Terms,
    stop: threading.Event,
    tell: Callable[[Progress], None],
    clock_ns: Callable[[], int],
) -> Path:
    """Make the folder `into` a package of it; `FetchError` and `Stopped` are as `fetch`'s.

    The terms hold for each file, progress is told of all together. Files that are there
    already, whole and right, are kept: a download that was stopped goes on.
    """
    variant = variant_of(entry, precision)
    try:
        _prepare(into, variant)
        done_bytes = 0
        for file in variant.files:
            if not _is_there(into / file.name, file):
                fetch(
                    Remote(file.url, sha384=file.sha384, size_bytes=file.size_bytes),
                    into / file.name,
                    terms=terms,
                    stop=stop,
                    tell=_of_all(tell, done_bytes, variant.size_bytes),
                    clock_ns=clock_ns,
                )
            done_bytes += file.size_bytes
        write_manifest(into, listed(Folder(into), manifest_of(entry, variant)))
    except PackageError as error:
        raise FetchError(str(error)) from None
    except OSError as error:
        raise FetchError(f"{error.filename or into}: {error.strerror or error}") from None
    return into


def manifest_of(entry: Entry, variant: Variant) -> Manifest:
    """What the package says of itself, but for its list of files."""
    picture = entry.input
    if picture.colour == "GREY":  # `variant_of` refuses such a network before
        raise FetchError(f"{entry.name}: wants grey pictures, which no manifest can say yet")
    return Manifest(
        name=entry.name,
        model=variant.files[0].name,
        version=variant.version,
        family=entry.family,
        labels=entry.labels,
        anchors=entry.anchors,
        licence=entry.licence,
        input=Input(picture.layout, picture.colour, picture.mean, picture.scale),
    )


def _prepare(into: Path, variant: Variant) -> None:
    """A folder with nothing in it but what is ours."""
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    ends = ("", ".part", ".part.json", ".part.json.new")
    ours = {MANIFEST, *(file.name + end for file in variant.files for end in ends)}
    foreign = sorted(path.name for path in into.iterdir() if path.name not in ours)
    if foreign:
        raise FetchError(f"{into / foreign[0]}: does not belong here; name an empty folder")


def _is_there(path: Path, file: File) -> bool:
    if not path.is_file() or path.stat().st_size != file.size_bytes:
        return False
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha384").hexdigest() == file.sha384


def _of_all(
    tell: Callable[[Progress], None], before_bytes: int, total_bytes: int
) -> Callable[[Progress], None]:
    """Progress of one file, told as that of all."""

    def told(progress: Progress) -> None:
        tell(
            msgspec.structs.replace(
                progress,
                done_bytes=before_bytes + progress.done_bytes,
                total_bytes=total_bytes,
            )
        )

    return told
