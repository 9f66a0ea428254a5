"""What is accepted is given to each sink, with its numbers, until the sink confirms it."""

import stat
from pathlib import Path

import pytest

from actors.telemetry.letter import Letter
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.trouble import OutboxError
from tests.actors.telemetry.outbox.rig import (
    NOW_NS,
    WIDE,
    YARD,
    ids,
    letter,
    letters,
    outbox_of,
    words,
)


def test_a_letter_comes_out_as_it_went_in(path: Path) -> None:
    sent = Letter("health/café", 2, b'{"a": 1}\x00', "percept", "text/plain", NOW_NS - 7)
    with outbox_of(path) as outbox:
        outbox.accept([sent], NOW_NS)
        (came,) = outbox.next("cloud", NOW_NS, 10)
    assert came.letter == sent
    assert (came.number, came.late) == (1, False)


def test_a_letter_is_given_once(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("abc"), NOW_NS)
        assert words(outbox.next("cloud", NOW_NS, 2)) == ["a", "b"]
        assert words(outbox.next("cloud", NOW_NS, 2)) == ["c"]
        assert outbox.next("cloud", NOW_NS, 2) == []


def test_what_is_not_confirmed_comes_again_after_a_lost_connection(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("abc"), NOW_NS)
        given = outbox.next("cloud", NOW_NS, 10)
        outbox.confirm("cloud", [given[1].id])
        outbox.reopen("cloud")
        again = outbox.next("cloud", NOW_NS, 10)
        assert again == [given[0], given[2]]


def test_what_is_not_confirmed_comes_again_after_a_restart(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("abc"), NOW_NS)
        given = outbox.next("cloud", NOW_NS, 10)
        outbox.confirm("cloud", [given[1].id])
    with outbox_of(path) as outbox:
        assert outbox.next("cloud", NOW_NS, 10) == [given[0], given[2]]


def test_a_letter_is_kept_until_all_sinks_have_confirmed_it(path: Path) -> None:
    with outbox_of(path, ["cloud", "file"]) as outbox:
        outbox.accept(letters("ab"), NOW_NS)
        given = ids(outbox.next("cloud", NOW_NS, 10))
        outbox.confirm("cloud", given)
        assert outbox.size().waiting == {"cloud": 0, "file": 2}
        assert outbox.size().letters == 2
        assert ids(outbox.next("file", NOW_NS, 10)) == given
        outbox.confirm("file", given)
        assert outbox.size()._replace(file_bytes=0) == (0, 0, 0, {"cloud": 0, "file": 0})


def test_numbers_of_a_topic_never_come_again(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept([letter("a"), letter("b", YARD), letter("c")], NOW_NS)
        given = outbox.next("cloud", NOW_NS, 10)
        assert [each.number for each in given] == [1, 1, 2]
        outbox.confirm("cloud", ids(given))
    with outbox_of(path) as outbox:
        outbox.accept([letter("d"), letter("e", YARD)], NOW_NS)
        after = outbox.next("cloud", NOW_NS, 10)
        assert [each.number for each in after] == [3, 2]
        assert min(ids(after)) > max(ids(given))


def test_a_new_sink_gets_what_comes_from_now_on(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("a"), NOW_NS)
    with outbox_of(path, ["cloud", "file"]) as outbox:
        outbox.accept(letters("b"), NOW_NS)
        assert words(outbox.next("cloud", NOW_NS, 10)) == ["a", "b"]
        assert words(outbox.next("file", NOW_NS, 10)) == ["b"]


def test_what_waits_only_for_a_sink_that_is_gone_is_dropped_and_counted(path: Path) -> None:
    with outbox_of(path, ["cloud", "file"]) as outbox:
        outbox.accept(letters("ab"), NOW_NS)
        outbox.confirm("file", ids(outbox.next("file", NOW_NS, 1)))
    with outbox_of(path, ["file"]) as outbox:
        assert words(outbox.next("file", NOW_NS, 10)) == ["b"]
        assert outbox.size().letters == 1
        assert outbox.dropped() == {("results/front/street", "sink"): 1}


@pytest.mark.parametrize("sinks", [[], ["cloud", "cloud"]])
def test_sinks_are_named_each_once(path: Path, sinks: list[str]) -> None:
    with pytest.raises(ValueError, match=r"sinks must be named, each once, not \["):
        Outbox(path, sinks, WIDE)


def test_a_second_process_is_told_so(path: Path) -> None:
    """SQLite's locks tell connections of one process apart as well."""
    with outbox_of(path) as outbox:
        with pytest.raises(OutboxError, match=r"/outbox\.db: another process has it open"):
            Outbox(path, ["cloud"], WIDE)
        outbox.accept(letters("a"), NOW_NS)
    with outbox_of(path) as outbox:
        assert words(outbox.next("cloud", NOW_NS, 10)) == ["a"]


def test_only_its_owner_can_read_it(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("a"), NOW_NS)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        assert modes == {"outbox.db": 0o600, "outbox.db-wal": 0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_letter_is_on_disk_before_a_confirmation_is(path: Path) -> None:
    """What SQLite was told last: 2 (FULL) syncs its log at the end of a change, 1 does not."""
    asked = "PRAGMA synchronous"
    with outbox_of(path) as outbox:
        outbox.accept(letters("a"), NOW_NS)
        assert outbox._table
        assert outbox._table.execute(asked).fetchone() == (2,)
        outbox.confirm("cloud", ids(outbox.next("cloud", NOW_NS, 10)))
        assert outbox._table.execute(asked).fetchone() == (1,)
        outbox.accept(letters("b"), NOW_NS)
        assert outbox._table.execute(asked).fetchone() == (2,)
        assert outbox._table.execute("PRAGMA journal_mode").fetchone() == ("wal",)
