"""The outbox's file: opened by one process alone, made if need be, put aside when damaged.

It is locked as long as it is open, so there is no file of shared memory that a full disk could
take away. A folder or a file that is made here outlasts a power cut.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from actors.durable import sync_folder
from actors.telemetry.outbox.trouble import Damaged

APPLICATION, VERSION = 0x52544F42, 1  # "RTOB"
LOG_BYTES = 4 * 1024 * 1024  # SQLite's log of changes goes back to this
SETTINGS = (
    "locking_mode = EXCLUSIVE",
    "auto_vacuum = INCREMENTAL",  # of a file that is being made
    "journal_mode = WAL",
    f"journal_size_limit = {LOG_BYTES}",
    "cache_size = -2048",
    "temp_store = MEMORY",
    "cell_size_check = ON",
)
# What a letter waits for is in `waiting`: a row for each sink that has not confirmed it. `origin`
# has one row. A file that took the place of a damaged one counts from the time on, in
# milliseconds, so that it gives no number twice which was in the other.
TABLES = """
CREATE TABLE letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, number INTEGER NOT NULL,
    priority INTEGER NOT NULL, accepted_utc_ns INTEGER NOT NULL, created_utc_ns INTEGER NOT NULL,
    schema TEXT NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX by_priority ON letters (priority);
CREATE INDEX by_age ON letters (accepted_utc_ns);
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, number INTEGER NOT NULL);
CREATE TABLE sinks (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE waiting (
    sink INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (sink, id)
) WITHOUT ROWID;
CREATE TABLE drops (
    topic INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (topic, reason)
) WITHOUT ROWID;
CREATE TABLE origin (replaced INTEGER NOT NULL);
"""


def opened(path: Path) -> sqlite3.Connection:
    """Raises `sqlite3.Error`, `OSError` or `Damaged`."""
    _make(path)
    table = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        for setting in SETTINGS:
            table.execute(f"PRAGMA {setting}").fetchall()
        with transaction(table, "FULL"):
            _fill(table, path)
    except BaseException:
        table.close()
        raise
    return table


@contextmanager
def transaction(
    table: sqlite3.Connection, synchronous: Literal["FULL", "NORMAL", "OFF"]
) -> Iterator[None]:
    """FULL is on disk when it returns; NORMAL is with the next that is, and in order."""
    table.execute(f"PRAGMA synchronous = {synchronous}")
    table.execute("BEGIN IMMEDIATE")
    try:
        yield
        table.execute("COMMIT")
    except BaseException:
        if table.in_transaction:
            table.execute("ROLLBACK")
        raise


def put_aside(path: Path) -> Path:
    """Rename what is there, log and all; what was put aside before is lost. The new path."""
    aside = _aside(path)
    log, aside_log = _log(path), _log(aside)
    aside_log.unlink(missing_ok=True)
    path.replace(aside)  # first: a log without its file is nothing, a file without its log is old
    if log.exists():
        log.replace(aside_log)
    sync_folder(path.parent)
    return aside


def _log(path: Path) -> Path:
    """As SQLite names it."""
    return path.with_name(f"{path.name}-wal")


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.damaged{path.suffix}")


def _make(path: Path) -> None:
    """For its owner's eyes only, with the folders above it."""
    for folder in reversed((path.parent, *path.parent.parents)):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            sync_folder(folder.parent)
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        sync_folder(path.parent)
    elif not path.stat().st_size and _log(path).exists():  # SQLite would remove it
        raise Damaged(f"{path}: empty, but not its log")


def _fill(table: sqlite3.Connection, path: Path) -> None:
    """The tables of a new file; of an old one, that it is ours."""
    (tables,) = table.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    marks = tuple(
        table.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if tables and marks != (APPLICATION, VERSION):
        raise Damaged(f"{path}: not an outbox of version {VERSION}")
    if not tables:
        for statement in TABLES.split(";"):
            table.execute(statement)
        table.execute("INSERT INTO origin VALUES (?)", (_aside(path).exists(),))
        table.execute(f"PRAGMA application_id = {APPLICATION}")
        table.execute(f"PRAGMA user_version = {VERSION}")
