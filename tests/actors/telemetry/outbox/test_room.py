"""The outbox keeps to its limits, drops by priority and age, counts, and gives space back."""

from pathlib import Path

import pytest

from actors.telemetry.letter import EVENTS, RESULTS, STATE
from actors.telemetry.outbox.room import MOST_DROPPED, Limits, allowed_bytes
from tests.actors.telemetry.outbox.rig import (
    MANY,
    NOW_NS,
    SECOND_NS,
    STREET,
    WIDE,
    ids,
    letter,
    letters,
    outbox_of,
    words,
)

MIB = 1024 * 1024
SMALL = WIDE._replace(most_bytes=MIB)
LONG = "x" * 400


def named(first: int, count: int) -> list[str]:
    return [f"{at} {LONG}" for at in range(first, first + count)]


def first_words(given: list[str]) -> list[int]:
    return [int(word.split()[0]) for word in given]


def test_the_oldest_of_the_lowest_priority_goes_first(path: Path) -> None:
    with outbox_of(path, limits=SMALL) as outbox:
        outbox.accept(letters(named(0, 50), "event", EVENTS), NOW_NS)
        outbox.accept(letters(named(0, 50), "state", STATE), NOW_NS)
        for turn in range(100):
            outbox.accept(letters(named(50 * turn, 50), STREET, RESULTS), NOW_NS)
        came = outbox.next("cloud", NOW_NS, MANY)
        by_topic = {
            topic: first_words(words(each for each in came if each.letter.topic == topic))
            for topic in ("event", "state", STREET)
        }
        assert by_topic["event"] == by_topic["state"] == list(range(50))
        count = len(by_topic[STREET])
        assert 1000 < count < 2000
        assert by_topic[STREET] == list(range(5000 - count, 5000))
        assert outbox.dropped() == {(STREET, "bytes"): 5000 - count}
        assert outbox.size().waiting == {"cloud": 100 + count}
        assert outbox.size().letters == 100 + count
        assert [each.number for each in came if each.letter.topic == STREET] == list(
            range(5001 - count, 5001)
        )


def test_a_new_letter_of_low_priority_gives_way_to_old_ones_of_high(path: Path) -> None:
    with outbox_of(path, limits=SMALL) as outbox:
        for turn in range(100):
            outbox.accept(letters(named(50 * turn, 50), "event", EVENTS), NOW_NS)
        outbox.accept(letters(named(0, 200), STREET, RESULTS), NOW_NS)
        dropped = outbox.dropped()
        assert dropped[STREET, "bytes"] >= 190
        outbox.accept([letter("last", "event", EVENTS)], NOW_NS)
        assert words(outbox.next("cloud", NOW_NS, MANY))[-1] == "last"


def test_a_letter_larger_than_all_room_is_dropped_and_counted(path: Path) -> None:
    with outbox_of(path, limits=SMALL) as outbox:
        outbox.accept([letter("y" * 2 * MIB, "event", EVENTS)], NOW_NS)
        assert outbox.dropped() == {("event", "bytes"): 1}
        outbox.accept(letters("a", "event"), NOW_NS)
        (came,) = outbox.next("cloud", NOW_NS, MANY)
        assert came.number == 2


def test_the_file_stays_within_its_limit_and_its_log_small(path: Path) -> None:
    with outbox_of(path, limits=SMALL) as outbox:
        for turn in range(300):
            outbox.accept(letters(named(50 * turn, 50)), NOW_NS)
            sizes = {each.suffix: each.stat().st_size for each in path.parent.iterdir()}
            assert sizes[".db"] < 1.2 * MIB
            assert sizes[".db-wal"] < 6 * MIB


def test_what_is_too_old_is_dropped_and_counted(path: Path) -> None:
    with outbox_of(path, limits=WIDE._replace(most_age_s=60)) as outbox:
        outbox.accept(letters("ab", "event", EVENTS), NOW_NS)
        outbox.accept(letters("c", "event", EVENTS), NOW_NS + SECOND_NS)
        outbox.accept([], NOW_NS + 60 * SECOND_NS)
        assert outbox.dropped() == {}
        outbox.accept([], NOW_NS + 60 * SECOND_NS + 1)
        assert outbox.dropped() == {("event", "age"): 2}
        assert words(outbox.next("cloud", NOW_NS, MANY)) == ["c"]


@pytest.mark.parametrize("years", [-1, 1])
def test_letters_keep_their_age_when_the_clock_is_set(path: Path, years: int) -> None:
    with outbox_of(path, limits=WIDE._replace(most_age_s=60)) as outbox:
        outbox.accept(letters("a"), NOW_NS)
        outbox.accept(letters("b"), NOW_NS + 30 * SECOND_NS)
        set_ns = NOW_NS + (31 + years * 365 * 86400) * SECOND_NS
        for seconds, kept in ((0, 2), (30, 2), (31, 1), (60, 1), (61, 0)):
            outbox.accept([], set_ns + seconds * SECOND_NS)
            assert outbox.size().letters == kept
        assert outbox.dropped() == {(STREET, "age"): 2}


def test_counts_survive_a_restart(path: Path) -> None:
    limits = WIDE._replace(most_age_s=60)
    with outbox_of(path, limits=limits) as outbox:
        outbox.accept(letters("ab"), NOW_NS)
        outbox.accept([], NOW_NS + 61 * SECOND_NS)
    with outbox_of(path, limits=limits) as outbox:
        assert outbox.dropped() == {(STREET, "age"): 2}


def test_much_that_is_too_old_goes_in_turns(path: Path) -> None:
    with outbox_of(path, limits=WIDE._replace(most_age_s=60)) as outbox:
        outbox.accept(letters(range(MOST_DROPPED + 10)), NOW_NS)
        later_ns = NOW_NS + 61 * SECOND_NS
        outbox.accept([], later_ns)
        assert outbox.size().letters == 10
        outbox.accept([], later_ns)
        assert outbox.size().letters == 0


def test_a_limit_that_was_lowered_is_met_in_turns(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters(named(0, 3 * MOST_DROPPED)), NOW_NS)
    with outbox_of(path, limits=SMALL) as outbox:
        for _ in range(10):
            outbox.accept([], NOW_NS)
        assert outbox.size().file_bytes < 1.6 * MIB  # with half a MiB for what comes next


def test_space_comes_back_when_a_backlog_is_gone(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters(named(0, 20_000)), NOW_NS)
        assert outbox.size().file_bytes > 8 * MIB
        outbox.confirm("cloud", ids(outbox.next("cloud", NOW_NS, MANY)))
        for _ in range(20):
            outbox.accept([], NOW_NS)
        assert outbox.size().file_bytes < MIB
    assert path.stat().st_size < MIB


@pytest.mark.parametrize(
    ("file_mib", "available_mib", "allowed_mib"),
    [(1, 500, 100), (1, 50, 35), (90, 30, 100), (60, 16, 60), (60, 0, 60), (120, 0, 100)],
)
def test_a_file_does_not_grow_where_little_is_left(
    file_mib: int, available_mib: int, allowed_mib: int
) -> None:
    limits = Limits(100 * MIB, 60, spare_bytes=16 * MIB)
    assert allowed_bytes(limits, file_mib * MIB, available_mib * MIB) == allowed_mib * MIB
