"""A package's files, read-only, wherever they lie: in a folder, or in memory and on no disk."""

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from actors.package import PackageError
from actors.package.names import broken_rule, shown

MOST_FILES = 4096
MOST_SMALL_BYTES = 4 << 20


class Files(Protocol):
    """Files by name; `names.broken_rule` says what a name is. All raise `PackageError`."""

    def names(self, folder: str = "") -> tuple[str, ...]:
        """All of them, or of a folder, sorted; refused if one is neither file nor folder."""

    def top(self) -> tuple[str, ...]:
        """What lies at the top, files and folders; what has a name that is refused is left out."""

    def has(self, name: str) -> bool: ...

    def read(self, name: str) -> bytes: ...

    def open(self, name: str) -> io.BufferedIOBase: ...

    def path(self, name: str) -> Path | None:
        """Where the file lies; None if on no disk."""

    def where(self, name: str) -> str:
        """The file as messages call it; the package itself if `name` is empty."""


class Folder:
    """The files under a directory.

    A file that is asked for by its name may be a link, a listing refuses links: a folder in
    work may be put together from links, what is installed or signed may not.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self, folder: str = "") -> tuple[str, ...]:
        found: list[str] = []
        folders = [f"{folder}/" if folder else ""]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(self.root / folder) as entries:
                    for entry in entries:
                        name = folder + entry.name
                        if _is_folder(self.where(name), name, entry):
                            folders.append(f"{name}/")
                        else:
                            found.append(name)
                        if len(found) + len(folders) > MOST_FILES:
                            raise PackageError(f"{self.root}: has more than {MOST_FILES} files")
            except OSError as error:
                raise _unreadable(self.where(folder), error) from error
        return tuple(sorted(found))

    def top(self) -> tuple[str, ...]:
        try:
            names = [path.name for path in self.root.iterdir()]
        except OSError as error:
            raise _unreadable(self.where(""), error) from error
        return tuple(sorted(name for name in names if not broken_rule(name)))

    def has(self, name: str) -> bool:
        _check(self.root, name)
        try:
            return (self.root / name).is_file()
        except OSError as error:
            raise _unreadable(self.where(name), error) from error

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            try:
                return file.read()
            except OSError as error:
                raise _unreadable(self.where(name), error) from error

    def open(self, name: str) -> io.BufferedIOBase:
        if not self.has(name):
            raise PackageError(f"{self.where(name)}: there is no such file")
        try:
            return (self.root / name).open("rb")
        except OSError as error:
            raise _unreadable(self.where(name), error) from error

    def path(self, name: str) -> Path | None:
        _check(self.root, name)
        return self.root / name

    def where(self, name: str) -> str:
        return str(self.root / name)


class Memory:
    """Files held as bytes; `title` stands for the folder in messages."""

    def __init__(self, contents: Mapping[str, bytes], title: str = "package") -> None:
        self.title = title
        self._contents = dict(sorted(contents.items()))
        for name in self._contents:
            _check(title, name)

    def names(self, folder: str = "") -> tuple[str, ...]:
        within = f"{folder}/" if folder else ""
        return tuple(name for name in self._contents if name.startswith(within))

    def top(self) -> tuple[str, ...]:
        return tuple(sorted({name.partition("/")[0] for name in self._contents}))

    def has(self, name: str) -> bool:
        _check(self.title, name)
        return name in self._contents

    def read(self, name: str) -> bytes:
        if not self.has(name):
            raise PackageError(f"{self.where(name)}: there is no such file")
        return self._contents[name]

    def open(self, name: str) -> io.BufferedIOBase:
        return io.BytesIO(self.read(name))

    def path(self, name: str) -> Path | None:
        _check(self.title, name)
        return None

    def where(self, name: str) -> str:
        return f"{self.title}/{name}" if name else self.title


def read_text(files: Files, name: str) -> str:
    """A file of words, not of weights."""
    try:
        return read_small(files, name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackageError(f"{files.where(name)}: {error}") from error


def read_small(files: Files, name: str) -> bytes:
    """As `read`, of a file that others wrote and that should not be large."""
    with files.open(name) as file:
        data = file.read(MOST_SMALL_BYTES + 1)
    if len(data) > MOST_SMALL_BYTES:
        raise PackageError(f"{files.where(name)}: longer than {MOST_SMALL_BYTES} bytes")
    return data


def _check(title: object, name: str) -> None:
    if rule := broken_rule(name):
        raise PackageError(f"{title}: {shown(name)}: {rule}")


def _is_folder(where: str, name: str, entry: "os.DirEntry[str]") -> bool:
    """Whether to go into it; refused if it is neither a folder nor a plain file."""
    if rule := broken_rule(name):
        raise PackageError(f"{where!r}: {rule}")
    if entry.is_symlink():
        raise PackageError(f"{where}: is a link; put the file itself in its place")
    if not entry.is_dir() and not entry.is_file():
        raise PackageError(f"{where}: is neither a file nor a folder")
    return entry.is_dir()


def _unreadable(where: str, error: OSError) -> PackageError:
    return PackageError(f"{where}: {error.strerror or error}")
