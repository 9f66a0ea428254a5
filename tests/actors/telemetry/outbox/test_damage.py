"""A damaged file is put aside and said; a new one goes on with numbers that were never given."""

import logging
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.trouble import OutboxError
from tests.actors.telemetry.outbox.rig import MANY, NOW_NS, WIDE, ids, letters, outbox_of, words

PAGE_BYTES = 4096


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: PAGE_BYTES + 100])


def scribble_over_the_head(path: Path) -> None:
    path.write_bytes(b"not a database, " * 1000)


def scribble_over_the_schema(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xff" * (PAGE_BYTES - 100) + data[PAGE_BYTES:])


def scribble_over_all_but_the_schema(path: Path) -> None:
    data = path.read_bytes()
    noise = random.Random(1).randbytes(len(data) - PAGE_BYTES)  # noqa: S311 no secret
    path.write_bytes(data[:PAGE_BYTES] + noise)


def change_the_version(path: Path) -> None:
    table = sqlite3.connect(path)
    table.execute("PRAGMA user_version = 99")
    table.close()


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        scribble_over_the_head,
        scribble_over_the_schema,
        scribble_over_all_but_the_schema,
        change_the_version,
    ],
)
def test_a_damaged_file_is_put_aside_and_said(
    path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters(range(2000)), NOW_NS)
    damage(path)
    damaged = path.read_bytes()
    aside = path.with_name("outbox.damaged.db")
    with outbox_of(path) as outbox:
        outbox.accept(letters("ab"), NOW_NS)
        given = outbox.next("cloud", NOW_NS, MANY)
        assert words(given) == ["a", "b"]
        assert given[0].number > 2000
        assert given[1].number == given[0].number + 1
        assert f"what had not been sent is in {aside}, and a new file was begun" in outbox.damage
        assert caplog.record_tuples == [
            ("actors.telemetry.outbox.outbox", logging.ERROR, outbox.damage)
        ]
    assert aside.read_bytes()[PAGE_BYTES:] == damaged[PAGE_BYTES:]


def test_a_sound_file_is_not_said_to_be_damaged(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("a"), NOW_NS)
    with outbox_of(path) as outbox:
        assert outbox.damage == ""
        assert len(list(path.parent.iterdir())) == 2


def test_damage_that_shows_while_it_runs_repeats_no_id(path: Path) -> None:
    """So a confirmation that comes after it is not taken for one of a new letter."""
    with outbox_of(path) as outbox:
        outbox.accept(letters(range(2000)), NOW_NS)
    with outbox_of(path) as outbox:
        before = outbox.next("cloud", NOW_NS, 3)
        scribble_over_all_but_the_schema(path)
        outbox.accept(letters("ab"), NOW_NS)
        outbox.confirm("cloud", ids(before))
        given = outbox.next("cloud", NOW_NS, MANY)
        assert words(given) == ["a", "b"]
        assert ids(before)[-1] < ids(given)[0]


def test_new_letters_are_given_even_if_the_clock_is_behind(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters(range(5000)), 1)
        assert len(outbox.next("cloud", 1, MANY)) == 5000
    with outbox_of(path) as outbox:
        assert len(outbox.next("cloud", 1, MANY)) == 5000
        scribble_over_all_but_the_schema(path)
        outbox.accept(letters("ab"), 1)
        assert outbox.damage
        assert words(outbox.next("cloud", 1, MANY)) == ["a", "b"]


def test_the_log_of_an_empty_file_goes_aside_with_it(path: Path) -> None:
    """SQLite would mend most of what else befalls a file from its log; this one it would remove."""
    log, aside_log = Path(f"{path}-wal"), path.with_name("outbox.damaged.db-wal")
    with outbox_of(path) as outbox:
        outbox.accept(letters(["in the log"]), NOW_NS)
        kept = log.read_bytes()
    path.write_bytes(b"")
    log.write_bytes(kept)
    with outbox_of(path) as outbox:
        assert f"{path}: empty, but not its log" in outbox.damage
    assert aside_log.read_bytes() == kept


def test_the_latest_damaged_file_is_kept(path: Path) -> None:
    numbers = []
    for turn in range(3):
        with outbox_of(path) as outbox:
            now_ns = NOW_NS + turn * 10**9
            outbox.accept(letters([f"turn {turn}"]), now_ns)
            numbers.append(outbox.next("cloud", now_ns, 1)[0].number)
        change_the_version(path)
    outbox_files = sorted(each.name for each in path.parent.iterdir())
    assert outbox_files == ["outbox.damaged.db", "outbox.db"]
    assert b"turn 1" in path.with_name("outbox.damaged.db").read_bytes()
    assert sorted(set(numbers)) == numbers


def test_what_the_system_refuses_is_a_sentence(path: Path) -> None:
    path.parent.parent.joinpath("file").write_text("")
    with pytest.raises(OutboxError, match=r"/file: "):
        Outbox(path.parent.parent / "file" / "outbox.db", ["cloud"], WIDE)
    path.parent.mkdir()
    path.mkdir()
    with pytest.raises(OutboxError, match=r"/outbox\.db: unable to open database file"):
        Outbox(path, ["cloud"], WIDE)
