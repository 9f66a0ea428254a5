"""Disks that can be stopped at each point, or on which something else happens meanwhile."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.store.disk import Disk

CHANGES = (
    "make_folder",
    "write",
    "sync",
    "rename",
    "remove",
    "remove_folder",
    "restrict",
    "mark_used",
    "lock",
)
POINTS = (*(f"{when} {change}" for change in CHANGES for when in ("before", "after")), "amid write")


def fail(_: str) -> None:
    """The disk does, as disks do."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


class AtPoint:
    """For `Watched`: what happens at the n-th point, or when one comes for the n-th time."""

    def __init__(self, number: int, then: Callable[[str], object], only: str = "") -> None:
        self._left, self._then, self._only = number, then, only
        self.came = False

    def __call__(self, point: str) -> None:
        self._left -= self._only in {"", point}
        if self._left == 0 and not self.came:
            self.came = True
            self._then(point)


class Meanwhile(Disk):
    """Something happens while one looks: `then` runs once, just before a path is looked at."""

    def __init__(self, path: Path, then: Callable[[], object]) -> None:
        self._path, self._then = path, then

    def read(self, path: Path, most_bytes: int) -> bytes:
        self._happen(path)
        return super().read(path, most_bytes)

    def status(self, path: Path) -> os.stat_result | None:
        self._happen(path)
        return super().status(path)

    @contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        self._happen(path)
        with super().locked(path):
            yield

    def _happen(self, path: Path) -> None:
        if path == self._path:
            self._path = Path()
            self._then()


class Strict(Disk):
    """Refuses root, too, to change a folder that is closed."""

    def names(self, folder: Path) -> list[str]:
        self._check(folder, stat.S_IRUSR)
        return super().names(folder)

    def rename(self, old: Path, new: Path) -> None:
        for folder in (old.parent, new.parent, *([old] if old.is_dir() else [])):
            self._check(folder, stat.S_IWUSR)
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._check(path.parent, stat.S_IWUSR)
        super().remove(path)

    def remove_folder(self, path: Path) -> None:
        self._check(path.parent, stat.S_IWUSR)
        super().remove_folder(path)

    def _check(self, folder: Path, asked: int) -> None:
        if folder.is_dir() and not folder.stat().st_mode & asked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


class Watched(Disk):
    """`tell` hears of each point and may raise, or end the process. Nothing waits for the disk.

    A point is "before", "after" or, with half of a file written, "amid" what the method is called.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def make_folder(self, path: Path) -> None:
        with self._told("make_folder"):
            super().make_folder(path)

    def write(self, path: Path, data: bytes) -> None:
        with self._told("write"):
            super().write(path, data[: len(data) // 2])
            self._tell("amid write")
            super().write(path, data)

    def sync(self, path: Path) -> None:  # noqa: ARG002 as it is called
        with self._told("sync"):
            pass

    def rename(self, old: Path, new: Path) -> None:
        with self._told("rename"):
            super().rename(old, new)

    def remove(self, path: Path) -> None:
        with self._told("remove"):
            super().remove(path)

    def remove_folder(self, path: Path) -> None:
        with self._told("remove_folder"):
            super().remove_folder(path)

    def restrict(self, path: Path, mode: int) -> None:
        with self._told("restrict"):
            super().restrict(path, mode)

    def mark_used(self, path: Path, utc_ns: int) -> None:
        with self._told("mark_used"):
            super().mark_used(path, utc_ns)

    @contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        self._tell("before lock")
        with super().locked(path):
            self._tell("after lock")
            yield

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        self._tell(f"before {what}")
        yield
        self._tell(f"after {what}")
