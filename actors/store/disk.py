"""All that the store asks of the file system, call by call, so that tests can see or stop each.

Nothing here is durable by itself: `sync` a file for what is in it and its mode, and a folder
for the names in it. A rename, a removal or a new file lasts once its folder was synced.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
LOCK = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


class Disk:
    """The real one. Every method raises `OSError`."""

    def make_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700)

    def write(self, path: Path, data: bytes) -> None:
        """A file with this in it, for its owner's eyes only; what was there is lost."""
        fd = os.open(path, WRITE, 0o600)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(fd, left) :]
        finally:
            os.close(fd)

    def sync(self, path: Path) -> None:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def rename(self, old: Path, new: Path) -> None:
        old.rename(new)

    def remove(self, path: Path) -> None:
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        path.rmdir()

    def restrict(self, path: Path, mode: int) -> None:
        path.chmod(mode)

    def mark_used(self, path: Path, utc_ns: int) -> None:
        """Sets the file's times; lost in a power cut, which then only costs an order."""
        os.utime(path, ns=(utc_ns, utc_ns))

    def read(self, path: Path, most_bytes: int) -> bytes:
        """A file of our own; of a stranger's, of a link, of a pipe nothing is believed."""
        fd = os.open(path, READ | os.O_NONBLOCK)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", str(path))
            if status.st_uid != os.getuid():
                rule = f"belongs to user {status.st_uid}, not {os.getuid()}"
                raise OSError(errno.EPERM, rule, str(path))
            with open(fd, "rb", closefd=False) as file:
                data = file.read(most_bytes + 1)
        finally:
            os.close(fd)
        if len(data) > most_bytes:
            raise OSError(errno.EFBIG, f"longer than {most_bytes:,} bytes", str(path))
        return data

    def names(self, folder: Path) -> list[str]:
        return sorted(os.listdir(folder))  # noqa: PTH208 names are what is wanted

    def status(self, path: Path) -> os.stat_result | None:
        """Of the path itself, even if it is a link; None if there is nothing."""
        with suppress(FileNotFoundError):
            return path.lstat()
        return None

    def owner(self, folder: Path) -> int:
        return folder.stat().st_uid

    @contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        """Hold a lock of this name, made if need be, until the block or the process ends."""
        fd = os.open(path, LOCK | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def is_locked(self, path: Path) -> bool:
        """Whether somebody holds it. Never makes it."""
        try:
            fd = os.open(path, LOCK)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
        return False

    def available_bytes(self, path: Path) -> int:
        while not path.exists():
            path = path.parent
        room = os.statvfs(path)
        return room.f_bavail * room.f_frsize
