"""The sink `file`: letters as JSON lines in a file, or on standard output.

What is confirmed is on disk. A line that a crash or a full disk tore is taken out again, so the
file has whole lines only. At `most_bytes` it becomes NAME.1, that NAME.2 and so on.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from actors.durable import sync_folder
from actors.telemetry.letter import Posted
from actors.telemetry.sinks.envelope import envelope
from actors.telemetry.sinks.sink import Down, Link, Turn

STANDARD_OUTPUT = "-"
AT_ONCE = 256  # letters between two waits for the disk
BLOCK_BYTES = 64 * 1024


class Lines(Struct, frozen=True):
    """Where to, and how much of it is kept: `most_bytes` times one more than `kept`."""

    path: str = STANDARD_OUTPUT
    most_bytes: int = 50_000_000
    kept: int = 3  # files beside the one that is written; at least 1

    def connect(self, wake: Callable[[], None]) -> Link:  # noqa: ARG002 as every sink's
        if self.path == STANDARD_OUTPUT:
            return Output(os.dup(1), "standard output")
        try:
            return File(Path(self.path), self.most_bytes, self.kept)
        except OSError as error:
            raise Down(_said(Path(self.path), error)) from error


class Output:
    """Lines to a descriptor, which is closed with it. What was written is confirmed."""

    def __init__(self, fd: int, shown: str) -> None:
        self._fd, self._shown = fd, shown
        self._confirmed: list[int] = []
        self._fault = ""

    def turn(self) -> Turn:
        if self._fault:
            raise Down(self._fault)
        confirmed, self._confirmed = self._confirmed, []
        return Turn(up=True, room=AT_ONCE, confirmed=confirmed)

    def send(self, letters: Sequence[Posted]) -> None:
        try:
            _write(self._fd, b"".join(envelope(each) + b"\n" for each in letters))
        except OSError as error:
            self._fault = f"{self._shown}: {error.strerror}"
        else:
            self._confirmed += [each.id for each in letters]

    def close(self) -> None:
        os.close(self._fd)


class File:
    """A file that nobody else writes."""

    def __init__(self, path: Path, most_bytes: int, kept: int) -> None:
        """Raises `OSError` or `Down`."""
        self._path, self._most_bytes, self._kept = path, most_bytes, kept
        self._confirmed: list[int] = []
        self._fault = ""
        self._fd = _opened(path)
        self._size_bytes = os.fstat(self._fd).st_size

    def turn(self) -> Turn:
        confirmed, self._confirmed = self._confirmed, []
        if self._fault and not confirmed:
            raise Down(self._fault)
        return Turn(up=True, room=0 if self._fault else AT_ONCE, confirmed=confirmed)

    def send(self, letters: Sequence[Posted]) -> None:
        try:
            self._find_again()
            lines, ids = bytearray(), list[int]()
            for each in letters:
                line = envelope(each) + b"\n"
                if self._size_bytes + len(lines) + len(line) > self._most_bytes:
                    self._add(lines, ids)
                    self._rotate()
                    lines, ids = bytearray(), []
                lines += line
                ids.append(each.id)
            self._add(lines, ids)
        except OSError as error:
            self._fault = _said(self._path, error)
        except Down as fault:
            self._fault = str(fault)

    def close(self) -> None:
        os.close(self._fd)

    def _add(self, lines: bytes | bytearray, ids: list[int]) -> None:
        try:
            _write(self._fd, lines)
            os.fdatasync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._size_bytes)  # they are given again
            raise
        self._size_bytes += len(lines)
        self._confirmed += ids

    def _rotate(self) -> None:
        if not self._size_bytes:  # one line longer than a file may be
            return
        for number in range(self._kept - 1, 0, -1):
            older = _rotated(self._path, number)
            if older.exists():
                older.replace(_rotated(self._path, number + 1))
        self._path.replace(_rotated(self._path, 1))
        self._reopen()

    def _find_again(self) -> None:
        """Somebody may have moved it away, to rotate it his own way."""
        ours = os.fstat(self._fd)
        try:
            there = self._path.stat()
        except FileNotFoundError:
            there = None
        if there is None or (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            self._reopen()

    def _reopen(self) -> None:
        new = _opened(self._path)
        os.close(self._fd)
        self._fd, self._size_bytes = new, os.fstat(new).st_size


def _opened(path: Path) -> int:
    """Locked, with whole lines only, and in its folder for good. Raises `OSError` or `Down`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        _claim(fd, path)
        os.ftruncate(fd, _whole_bytes(fd))
        sync_folder(path.parent)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _claim(fd: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise Down(f"{path}: not a file; name another path, or - for standard output")
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Down(f"{path}: another process writes it; give each a path of its own") from None


def _whole_bytes(fd: int) -> int:
    """Up to the end of the last whole line."""
    end = os.fstat(fd).st_size
    while end:
        start = max(end - BLOCK_BYTES, 0)
        newline = os.pread(fd, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _rotated(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _write(fd: int, lines: bytes | bytearray) -> None:
    left = memoryview(lines)
    while left:
        left = left[os.write(fd, left) :]


def _said(path: Path, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return f"{path}: the disk is full; make room on it"
    return f"{path}: {error.strerror}"
