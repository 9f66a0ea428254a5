"""The part of a download that is there, to be gone on with: `NAME.part` and its note.

The note says which resource and version the first `done_bytes` are of, and their SHA-256. A
part is worth what its note says and no more: what a power cut, another program or a fault of
the disk changed is found out before a byte is added.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Struct

from actors.durable import sync_folder
from actors.models.remote import FetchError

KEEP_BYTES = 8 * 1024 * 1024  # at most so much is lost by a kill
READ_BYTES = 256 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Note(Struct, frozen=True):
    """What the part is of, and how far it is good."""

    resource: str
    validator: str = ""  # for `If-Range`; empty: nothing can be added to it
    etag: str = ""
    total_bytes: int | None = None
    done_bytes: int = 0
    sha256: str = ""


class Part:
    """The part's file, open and locked. Faults of the disk are `OSError`."""

    def __init__(self, goal: Path, resource: str, algorithms: set[str]) -> None:
        self.path = goal.with_name(f"{goal.name}.part")
        self._note_path = goal.with_name(f"{goal.name}.part.json")
        self._goal, self._algorithms = goal, algorithms | {"sha256"}
        self.note = Note(resource)
        self.size_bytes = self._kept_bytes = 0
        self._digests = self._fresh()
        self._ours = False  # until it is known what is in it
        if goal.is_dir():
            raise FetchError(f"{goal}: there is a folder of that name")
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._fd = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fchmod(self._fd, 0o600)
        except BlockingIOError:
            os.close(self._fd)
            raise FetchError(f"{self.path}: another process is writing it") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Keep what can be gone on with; on a full disk that is nothing."""
        full = isinstance(error, OSError) and error.errno in FULL
        try:
            if self._ours and self.good_bytes and not full:
                self.keep()
            elif self._ours:
                self.discard()
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self._fd)

    @property
    def good_bytes(self) -> int:
        """How much of it can be gone on with."""
        return self.size_bytes if self.note.validator else 0

    def recall(self, look_up: Callable[[], None]) -> None:
        """Take up what an earlier download left, if all of it is as its note says.

        `look_up` is called between pieces. Of a part that is whole the last byte is left
        away, so that there is something to ask the server for: is it still that version?
        """
        note = self._read_note()
        if note is None or not self._is_as(note, look_up):
            self.discard()
            return
        self.note, self._ours = note, True
        os.ftruncate(self._fd, self.size_bytes)
        os.lseek(self._fd, self.size_bytes, os.SEEK_SET)

    def begin(self, note: Note) -> None:
        """Start with nothing, for the version that `note` names."""
        self.discard()
        self.note = note
        if note.validator:
            self.keep()

    def add(self, chunk: bytes) -> None:
        left = memoryview(chunk)
        while left:
            left = left[os.write(self._fd, left) :]
        for digest in self._digests.values():
            digest.update(chunk)
        self.size_bytes += len(chunk)
        if self.note.validator and self.size_bytes - self._kept_bytes >= KEEP_BYTES:
            self.keep()

    def keep(self) -> None:
        """Write down how far the part is good. The bytes go to the disk before the note."""
        os.fdatasync(self._fd)
        self.note = msgspec.structs.replace(
            self.note, done_bytes=self.size_bytes, sha256=self.digest("sha256")
        )
        new = self._note_path.with_name(f"{self._note_path.name}.new")
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, msgspec.json.encode(self.note))
        finally:
            os.close(fd)
        new.replace(self._note_path)
        self._kept_bytes = self.size_bytes

    def digest(self, algorithm: str) -> str:
        return self._digests[algorithm].hexdigest()

    def discard(self) -> None:
        """Forget all that has come."""
        self._ours = True
        self._note_path.unlink(missing_ok=True)
        os.ftruncate(self._fd, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        self.note = Note(self.note.resource)
        self.size_bytes = self._kept_bytes = 0
        self._digests = self._fresh()

    def finish(self) -> None:
        """Make it the goal. When this returns a power cut changes nothing any more."""
        self._ours = False
        os.fsync(self._fd)
        self.path.replace(self._goal)
        self._note_path.unlink(missing_ok=True)
        sync_folder(self._goal.parent)

    def _is_as(self, note: Note, look_up: Callable[[], None]) -> bool:
        """Read it into the digests, but for the last byte of a whole one."""
        if note.resource != self.note.resource or not note.validator:
            return False
        rest = 1 if note.done_bytes == note.total_bytes else 0
        if not self._take(note.done_bytes - rest, look_up):
            return False
        whole = self._digests["sha256"].copy()
        whole.update(os.read(self._fd, rest))
        return whole.hexdigest() == note.sha256

    def _take(self, wanted_bytes: int, look_up: Callable[[], None]) -> bool:
        """Read so many bytes into the digests; whether they were there."""
        while self.size_bytes < wanted_bytes:
            look_up()
            chunk = os.read(self._fd, min(READ_BYTES, wanted_bytes - self.size_bytes))
            if not chunk:
                return False
            for digest in self._digests.values():
                digest.update(chunk)
            self.size_bytes += len(chunk)
        return True

    def _read_note(self) -> Note | None:
        try:
            return msgspec.json.decode(self._note_path.read_bytes(), type=Note)
        except (FileNotFoundError, ValueError):  # torn by a power cut, say
            return None

    def _fresh(self) -> dict[str, "hashlib._Hash"]:
        return {name: hashlib.new(name) for name in self._algorithms}
