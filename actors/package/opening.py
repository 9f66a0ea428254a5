"""A package's files, wherever it lies and however it is protected."""

from collections.abc import Iterable
from pathlib import Path

from actors.package import PackageError
from actors.package.archive import unpack
from actors.package.files import Files, Folder

SEALED = "package.sealed"  # the only file of a protected package's folder


def is_sealed(place: Path) -> bool:
    return (place / SEALED).is_file()


def opened(place: Path, keys: Iterable[str]) -> Files:
    """The folder's files; of a sealed package those inside it, in memory and on no disk.

    `keys` are the sources of keys, as `sealed.keys` reads them. Raises `PackageError` also for a
    key that is wrong or missing.
    """
    if not is_sealed(place):
        return Folder(place)
    # never all three at once: what is sealed, its zip, and what is in that
    return unpack(_zip(_read(place / SEALED), keys, str(place)), None, title=str(place))


def unsealed(data: bytes, keys: Iterable[str], title: str) -> Files:
    """The files in a sealed container's bytes."""
    return unpack(_zip(data, keys, title), None, title=title)


def _zip(data: bytes, keys: Iterable[str], title: str) -> bytes:
    # few packages are sealed, and who stands by is to stay without cryptography
    from actors.package.sealed.container import inspect, open_sealed  # noqa: PLC0415
    from actors.package.sealed.key import SealedError  # noqa: PLC0415
    from actors.package.sealed.keys import find_key  # noqa: PLC0415

    try:
        wanted = inspect(data).key
        return open_sealed(data, {wanted: find_key(wanted, keys)})
    except SealedError as error:
        raise PackageError(f"{title}: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PackageError(f"{path}: {error.strerror or error}") from error
