"""A package on its way in: from whatever somebody has to a folder of its own."""

import os
import shutil
from pathlib import Path, PurePosixPath

from actors.package import PackageError
from actors.package.archive import LIMITS, NEW_FILE, unpack
from actors.package.files import Folder
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
        elif not source.is_file():  # to open a pipe would wait for whoever writes into it
            raise PackageError(f"{source}: there is no file or folder of that name")
        elif _kind(source) == "zip":
            unpack(source, into)
        elif _kind(source) == "sealed":
            _copy_file(source, into / SEALED, LIMITS.total_bytes)
        elif source.suffix.lower() == ".zip":
            raise PackageError(f"{source}: is called .zip and is no zip; fetch or make it again")
        else:
            beside = Folder(source.parent)
            _copy(beside, parts_of(beside, source.name, "the command"), into)
    except OSError as error:
        raise PackageError(f"{error.filename or source}: {error.strerror or error}") from error


def _kind(source: Path) -> str:
    with source.open("rb") as file:
        head = file.read(LONGEST_MAGIC)
    return next((kind for magic, kind in MAGICS.items() if head.startswith(magic)), "model")


def _copy(folder: Folder, names: tuple[str, ...], into: Path) -> None:
    left_bytes = LIMITS.total_bytes
    for name in names:
        for above in reversed(PurePosixPath(name).parents[:-1]):
            (into / above).mkdir(mode=0o700, exist_ok=True)
        left_bytes -= _copy_file(folder.root / name, into / name, left_bytes)


def _copy_file(source: Path, target: Path, most_bytes: int) -> int:
    """Its size in bytes."""
    with source.open("rb") as come:
        size_bytes = os.fstat(come.fileno()).st_size
        if size_bytes > most_bytes:
            rule = f"has {size_bytes} bytes: a package has at most {LIMITS.total_bytes}"
            raise PackageError(f"{source}: {rule} in all")
        with os.fdopen(os.open(target, NEW_FILE, 0o600), "wb") as go:
            shutil.copyfileobj(come, go)
    return size_bytes
