"""What is said when the disk does not do what the outbox asks of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_CONSTRAINT,  # no letter can break one, so a number on disk has changed
}
HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class OutboxError(Exception):
    """The file, what is wrong with it and what to do, in one sentence. Nothing was changed."""


class Damaged(OutboxError):
    """What is in the file is not what we wrote: it must be put aside."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What SQLite and the system refuse, as one of the two."""
    try:
        yield
    except OSError as error:
        raise OutboxError(f"{error.filename or path}: {error.strerror}") from error
    except sqlite3.ProgrammingError:  # ours
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # none: not UTF-8
        if code in DAMAGE:
            raise Damaged(f"{path}: damaged ({error})") from error
        if code in HELD:
            raise OutboxError(f"{path}: another process has it open; end that one") from error
        if code == sqlite3.SQLITE_FULL:
            raise OutboxError(f"{path}: the disk is full; make room on it") from error
        raise OutboxError(f"{path}: {error}; look after the disk") from error
