"""Whether a package is what its manifest lists, and what it is called by its content."""

import hashlib
import os
from typing import NamedTuple

import msgspec

from actors.package import PackageError
from actors.package.files import Files
from actors.package.manifest import MANIFEST, SIGNATURE, Manifest

FORMAT = b"retinue-package/1\n"
UNLISTED = {MANIFEST, SIGNATURE}


class Content(NamedTuple):
    sha256: str  # hex
    size_bytes: int


def verify(files: Files, manifest: Manifest) -> None:
    """Every listed file is there with its SHA-256, none is unlisted, and it has a version.

    It is what a package must pass to be installed; a folder in work need not.
    """
    if not manifest.version:
        raise PackageError(
            f"{files.where(MANIFEST)}: version is missing: what is installed has one"
        )
    if not manifest.files:
        raise PackageError(
            f"{files.where(MANIFEST)}: has no [files]: a folder in work; what `retinue model "
            "package` makes of it can be installed"
        )
    there = _to_be_listed(files)
    for name in there:
        if name not in manifest.files:
            raise PackageError(f"{files.where(name)}: is not listed under [files] in {MANIFEST}")
    for name, wanted in sorted(manifest.files.items()):
        if name not in there:
            raise PackageError(f"{files.where(name)}: is listed under [files], but not there")
        found = _content(files, name).sha256
        if found != wanted:
            raise PackageError(
                f"{files.where(name)}: its SHA-256 is {found}, {MANIFEST} lists {wanted}"
            )


def listed(files: Files, manifest: Manifest) -> Manifest:
    """The manifest with `[files]` as the files are now."""
    now = {name: _content(files, name).sha256 for name in _to_be_listed(files)}
    return msgspec.structs.replace(manifest, files=now)


def digest(files: Files) -> str:
    """The package's content address: a SHA-256 in hex over every file, signature and all.

    Hashed are a line with the format's version, then a line for each file in the order of
    its name: SHA-256, size in bytes, name. No name has a line's end in it.
    """
    whole = hashlib.sha256(FORMAT)
    for name in files.names():
        content = _content(files, name)
        whole.update(f"{content.sha256} {content.size_bytes} {name}\n".encode())
    return whole.hexdigest()


def _to_be_listed(files: Files) -> tuple[str, ...]:
    return tuple(name for name in files.names() if name not in UNLISTED)


def _content(files: Files, name: str) -> Content:
    with files.open(name) as file:
        try:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return Content(sha256, file.seek(0, os.SEEK_END))
        except OSError as error:
            raise PackageError(f"{files.where(name)}: {error.strerror or error}") from error
