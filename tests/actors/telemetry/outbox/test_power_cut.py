"""The power goes: of SQLite's log any part may be lost that was not synced.

What was on disk when `accept` returned stays. Of each sector that was written since there may be
the new content or the old, which is zeros where the log has grown. Where the log begins anew SQLite
syncs its new head before anything else, and has synced the database before that.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from actors.telemetry.outbox.outbox import Outbox
from tests.actors.telemetry.outbox.rig import MANY, NOW_NS, WIDE, letters, outbox_of, words

SECTOR_BYTES, HEAD_BYTES = 512, 32
TURNS, CUTS = 60, 6


class Files(NamedTuple):
    database: bytes
    log: bytes


def files_of(path: Path) -> Files:
    return Files(path.read_bytes(), Path(f"{path}-wal").read_bytes())


def cuts(synced: Files, written: Files, dice: random.Random) -> Iterator[Files]:
    """What may be left of it, nothing and all included."""
    size = max(len(synced.log), len(written.log))
    old, new = (each.log.ljust(size, b"\0") for each in (synced, written))
    old = new[:HEAD_BYTES] + old[HEAD_BYTES:]
    starts = range(0, size, SECTOR_BYTES)
    for share in (0.0, *(dice.random() for _ in range(CUTS)), 1.0):
        chosen = (dice.choices((new, old), (share, 1 - share))[0] for _ in starts)
        kept = b"".join(
            source[at : at + SECTOR_BYTES] for source, at in zip(chosen, starts, strict=True)
        )
        yield Files(written.database, kept)


def left_in(files: Files, folder: Path) -> set[str]:
    folder.mkdir()
    path = folder / "outbox.db"
    path.write_bytes(files.database)
    Path(f"{path}-wal").write_bytes(files.log)
    with outbox_of(path) as outbox:
        assert outbox.damage == ""
        found = outbox.next("cloud", NOW_NS, MANY)
    shutil.rmtree(folder)
    assert [each.number for each in found] == sorted(each.number for each in found)
    return set(words(found))


def test_what_was_accepted_survives_a_power_cut(path: Path) -> None:
    dice, kept, gone = random.Random(1), set[str](), set[str]()  # noqa: S311 no secret
    outbox = Outbox(path, ["cloud"], WIDE)
    assert outbox._table
    outbox._table.execute("PRAGMA wal_autocheckpoint = 60").fetchall()  # pages: many a new log
    heads, synced = set[bytes](), files_of(path)
    for turn in range(TURNS):
        new = [f"{turn}.{at}" for at in range(dice.randint(1, 60))]
        outbox.accept(letters(new), NOW_NS)
        written = files_of(path)
        if written.database == synced.database:  # else the log was synced before it went there
            for files in cuts(synced, written, dice):
                left = left_in(files, path.parent / "cut")
                assert kept <= left <= kept | gone | set(new)
                assert left.isdisjoint(new) or left >= set(new)
        synced = written
        heads.add(written.log[:HEAD_BYTES])
        kept |= set(new)
        given = outbox.next("cloud", NOW_NS, dice.randint(0, 80))
        outbox.confirm("cloud", [each.id for each in given])
        gone |= set(words(given))
        kept -= gone
        written = files_of(path)
        if written.database == synced.database:
            for files in cuts(synced, written, dice):
                assert kept <= left_in(files, path.parent / "cut") <= kept | set(words(given))
        else:
            synced = written
    outbox.close()
    assert len(heads) > 5
