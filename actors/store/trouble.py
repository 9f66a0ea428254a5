"""What is said when the store cannot do what it was asked, or finds what it did not write."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.store.disk import Disk

FULL = {errno.ENOSPC, errno.EDQUOT}
LONGEST = 300


class StoreError(Exception):
    """The thing, the rule it breaks and what to do, in one sentence.

    The store is as before, but for a change that could not be made sure of, which says so.
    """


@contextmanager
def explained(disk: Disk, path: Path, wanted_bytes: int = 0) -> Iterator[None]:
    """What the system refuses, as `StoreError`; of a full disk, with the numbers."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StoreError(
                f"{path}: the disk is full: {wanted_bytes:,} bytes wanted, "
                f"{disk.available_bytes(path):,} available; remove versions or make room"
            ) from error
        raise StoreError(f"{error.filename or path}: {error.strerror}") from error


def one_line(text: str) -> str:
    """A reason that somebody else worded, fit for a line of a log or of a terminal."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.split())[:LONGEST]
