"""A package on its way in: from whatever somebody has to a folder of its own."""

import shutil
from pathlib import Path

from actors.package import PackageError
from actors.package.archive import LIMITS, unpack
from actors.package.files import Files, Folder
from actors.package.model_files import parts_of
from actors.package.opening import SEALED

MAGICS = {b"RTNSEAL1": "sealed", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip"}
LONGEST_MAGIC = 8


def receive(source: Path, into: Path) -> None:
    """Leave the package in the empty folder `into`, as it is to be stored.

    `source` is a folder, a zip, a sealed container or a model file with what belongs to it. Raises
    `PackageError`; what has been written by then is the caller's to remove.
    """
    try:
        if source.is_dir():
            _copy(Folder(source), Folder(source).names(), into)
        elif _kind(source) == "zip":
            unpack(source, into)
        elif _kind(source) == "sealed":
            _room(source.stat().st_size, source)
            shutil.copyfile(source, into / SEALED)
        else:
            beside = Folder(source.parent)
            _copy(beside, parts_of(beside, source.name, "the command"), into)
    except OSError as error:
        raise PackageError(f"{error.filename or source}: {error.strerror or error}") from error


def _kind(source: Path) -> str:
    with source.open("rb") as file:
        head = file.read(LONGEST_MAGIC)
    return next((kind for magic, kind in MAGICS.items() if head.startswith(magic)), "model")


def _copy(files: Files, names: tuple[str, ...], into: Path) -> None:
    total_bytes = 0
    for name in names:
        target = into / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with files.open(name) as come, target.open("xb") as go:
            shutil.copyfileobj(come, go)
        target.chmod(0o600)
        total_bytes += target.stat().st_size
        _room(total_bytes, files.where(""))


def _room(size_bytes: int, what: object) -> None:
    if size_bytes > LIMITS.total_bytes:
        raise PackageError(f"{what}: has {size_bytes} bytes, over {LIMITS.total_bytes}")
