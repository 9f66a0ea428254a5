"""How much the outbox may keep, and what goes when it is too much.

What counts is what the file takes of the disk. Where the disk has little left the file does not
grow, so that the outbox alone never fills it.
"""

import sqlite3
from typing import NamedTuple

from actors.telemetry.outbox.rows import drop

TOO_OLD, TOO_MUCH, DISK_FULL, SINK_GONE = "age", "bytes", "disk", "sink"  # why letters are dropped
MOST_DROPPED = 2000  # at once, beyond what came: a day's worth would hold up what is new
AROUND_BYTES = 128  # about what a letter takes beside its body
IDLE_PAGES, MOST_RETURNED_PAGES = 64, 256  # kept for what comes next; given back in one turn
SECOND_NS = 1_000_000_000


class Limits(NamedTuple):
    """Of all letters together. Half a MiB of idle pages and some MiB of log come on top."""

    most_bytes: int
    most_age_s: float
    late_hz: float = 50.0  # of each sink
    spare_bytes: int = 16 * 1024 * 1024  # of the disk, for others and for our log


class Pages(NamedTuple):
    """The file as it is, changes of the transaction under way included."""

    total: int
    free: int
    page_bytes: int

    @property
    def file_bytes(self) -> int:
        return self.total * self.page_bytes

    @property
    def used_bytes(self) -> int:
        return (self.total - self.free) * self.page_bytes


def pages(rows: sqlite3.Connection) -> Pages:
    names = ("page_count", "freelist_count", "page_size")
    return Pages(*(rows.execute(f"PRAGMA {name}").fetchone()[0] for name in names))


def allowed_bytes(limits: Limits, file_bytes: int, available_bytes: int) -> int:
    return min(limits.most_bytes, file_bytes + max(available_bytes - limits.spare_bytes, 0))


def drop_old(rows: sqlite3.Connection, limits: Limits, now_utc_ns: int) -> None:
    oldest_ns = now_utc_ns - int(limits.most_age_s * SECOND_NS)
    old = rows.execute(
        "SELECT id, topic FROM letters WHERE accepted_utc_ns < ?"
        " ORDER BY accepted_utc_ns, id LIMIT ?",
        (oldest_ns, MOST_DROPPED),
    ).fetchall()
    drop(rows, old, TOO_OLD)


def drop_most(rows: sqlite3.Connection, most_bytes: int, reason: str, came: int) -> None:
    """The oldest of the lowest priority, until the rest fits or a turn's worth is gone."""
    left = MOST_DROPPED + came
    while left > 0 and (excess := pages(rows).used_bytes - most_bytes) > 0:
        going: list[tuple[int, int]] = []
        found = rows.execute(
            "SELECT id, topic, length(body) + ? FROM letters ORDER BY priority, id LIMIT ?",
            (AROUND_BYTES, left),
        )
        for letter, topic, size_bytes in found:
            going.append((letter, topic))
            excess -= size_bytes
            if excess <= 0:
                break
        found.close()
        if not going:
            return
        drop(rows, going, reason)
        left -= len(going)


def give_back(rows: sqlite3.Connection) -> None:
    """Free pages to the file system, some at a time. Outside of any transaction."""
    idle = pages(rows).free - IDLE_PAGES
    if idle >= IDLE_PAGES:  # as a script: `execute` takes one step, and with it one page
        rows.executescript(f"PRAGMA incremental_vacuum({min(idle, MOST_RETURNED_PAGES)})")
