"""A fresh letter never waits for a backlog; what is late comes slowly, and says so."""

from pathlib import Path

import pytest

from actors.telemetry.outbox.lanes import FRESH_NS, Lanes
from actors.telemetry.outbox.outbox import CLOCK_SET_NS
from tests.actors.telemetry.outbox.rig import (
    MANY,
    NOW_NS,
    SECOND_NS,
    WIDE,
    ids,
    letters,
    outbox_of,
    words,
)

A_WHILE_NS = 1800 * SECOND_NS
RATED = WIDE._replace(late_hz=50.0)


def test_new_letters_go_before_a_backlog(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters(range(1000)), NOW_NS)
        later_ns = NOW_NS + A_WHILE_NS
        outbox.accept(letters(["new"]), later_ns)
        given = outbox.next("cloud", later_ns, 3)
        assert words(given) == ["new", "0", "1"]
        assert [each.late for each in given] == [False, True, True]


def test_a_backlog_goes_at_its_rate_beside_what_is_new(path: Path) -> None:
    """Fifty at once, then fifty a second; of the fresh ones each leaves in the turn it came in."""
    with outbox_of(path, limits=RATED) as outbox:
        outbox.accept(letters(range(2000)), NOW_NS)
        now_ns, late = NOW_NS + A_WHILE_NS, 0
        for turn in range(100):
            now_ns += SECOND_NS // 10
            outbox.accept(letters([f"fresh {turn}"]), now_ns)
            given = outbox.next("cloud", now_ns, 100)
            assert words(given)[0] == f"fresh {turn}"
            late += sum(each.late for each in given)
            outbox.confirm("cloud", ids(given))
        assert late == pytest.approx(50 + 99 * 5, abs=1)


def test_lost_connections_do_not_speed_a_backlog_up(path: Path) -> None:
    with outbox_of(path, limits=RATED) as outbox:
        outbox.accept(letters(range(2000)), NOW_NS)
        late = 0
        for _ in range(10):
            late += len(outbox.next("cloud", NOW_NS + A_WHILE_NS, MANY))
            outbox.reopen("cloud")
        assert late == 50


def test_what_a_slow_sink_did_not_take_in_time_is_late(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("abc"), NOW_NS)
        assert words(outbox.next("cloud", NOW_NS, 1)) == ["a"]
        later_ns = NOW_NS + FRESH_NS + 1
        outbox.accept(letters("d"), later_ns)
        given = outbox.next("cloud", later_ns, 10)
        assert [(each.letter.body, each.late) for each in given] == [
            (b"d", False),
            (b"b", True),
            (b"c", True),
        ]


def test_what_comes_after_all_was_given_is_given(path: Path) -> None:
    with outbox_of(path) as outbox:
        for now_ns in (NOW_NS, NOW_NS + A_WHILE_NS):
            for word in "ab":
                assert outbox.next("cloud", now_ns, 10) == []
                outbox.accept(letters(word), now_ns)
                assert words(outbox.next("cloud", now_ns, 10)) == [word]


def test_a_letter_is_fresh_for_thirty_seconds(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("a"), NOW_NS)
        for late, now_ns in ((False, NOW_NS + FRESH_NS), (True, NOW_NS + FRESH_NS + 1)):
            assert [each.late for each in outbox.next("cloud", now_ns, 1)] == [late]
            outbox.reopen("cloud")


@pytest.mark.parametrize("step_ns", [-A_WHILE_NS, A_WHILE_NS, -(10**8), 2 * CLOCK_SET_NS, -NOW_NS])
def test_a_clock_that_is_set_costs_and_repeats_no_letter(path: Path, step_ns: int) -> None:
    with outbox_of(path) as outbox:
        given = []
        now_ns = NOW_NS
        for turn in range(8):
            outbox.accept(letters(range(10 * turn, 10 * turn + 10)), now_ns)
            given += outbox.next("cloud", now_ns, 7)
            if turn == 3:
                now_ns += step_ns
            now_ns += SECOND_NS
        given += outbox.next("cloud", now_ns, MANY)
        assert sorted(map(int, words(given))) == list(range(80))


def test_what_younger_ones_went_before_stays_late_when_the_clock_is_set_back(path: Path) -> None:
    with outbox_of(path) as outbox:
        outbox.accept(letters("ab"), NOW_NS)
        later_ns = NOW_NS + A_WHILE_NS
        outbox.accept(letters("c"), later_ns)
        assert words(outbox.next("cloud", later_ns, 2)) == ["c", "a"]
        given = outbox.next("cloud", NOW_NS, 2)
        assert [(each.letter.body, each.late) for each in given] == [(b"b", True)]


def test_a_clock_that_is_set_gains_a_second_of_credit() -> None:
    lanes = Lanes(late_hz=50)
    assert lanes.late_credit(NOW_NS) == 50
    lanes.gave_late(list(range(50)), 0)
    assert lanes.late_credit(NOW_NS) == 0
    assert lanes.late_credit(NOW_NS - A_WHILE_NS) == 0
    assert lanes.late_credit(NOW_NS) == 50


def test_a_rate_below_one_a_second_is_a_rate() -> None:
    lanes = Lanes(late_hz=0.5)
    turns = [lanes.late_credit(NOW_NS + turn * SECOND_NS) for turn in range(1)]
    lanes.gave_late([1], 0)
    turns += [lanes.late_credit(NOW_NS + turn * SECOND_NS) for turn in (1, 2, 10)]
    assert turns == [1, 0, 1, 1]
