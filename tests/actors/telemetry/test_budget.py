"""Days pass here in no time: the time is what the test says."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.telemetry.budget import DAY_NS, Allowance, Budget, Notice, Spent
from actors.telemetry.letter import EVENTS, RESULTS, STATE, Letter
from actors.telemetry.messages import retinue1
from actors.telemetry.throttle import Pace, Throttle
from bus.messages import Health, Result
from tests.actors.telemetry.seen import SECOND_NS, result

TODAY = 20_000  # days since 1970-01-01: 2024-10-04
NOON = TODAY * DAY_NS + DAY_NS // 2


def letter(priority: int = RESULTS, length: int = 10) -> Letter:
    return Letter("t", priority, b"x" * length, "retinue/1")


def levels(budget: Budget, count: int, priority: int = RESULTS, at: int = NOON) -> list[str]:
    """What is said while `count` letters ask to go."""
    rulings = [budget.admit(letter(priority), at) for _ in range(count)]
    return [notice.level for ruling in rulings for notice in ruling.notices]


def passing(budget: Budget, count: int, priority: int = RESULTS, at: int = NOON) -> int:
    return sum(budget.admit(letter(priority), at).passes for _ in range(count))


def test_a_warning_at_80_percent_once() -> None:
    budget = Budget(Allowance(100))
    assert levels(budget, 79) == []
    assert budget.admit(letter(), NOON).notices == (Notice("warning", "2024-10-04", 81, 100, 0),)
    assert levels(budget, 10) == []


def test_at_100_percent_only_events_go_on() -> None:
    budget = Budget(Allowance(100))
    assert passing(budget, 200) == 99  # and the warning
    assert passing(budget, 10, STATE) == 0
    assert passing(budget, 10, EVENTS) == 10


def test_that_it_is_used_up_is_said_once() -> None:
    budget = Budget(Allowance(2))
    assert levels(budget, 9) == ["warning", "exhausted"]
    assert levels(budget, 3, EVENTS) == []


def test_no_warning_comes_after_it() -> None:
    budget = Budget(Allowance(10, unit_bytes=100))
    assert budget.admit(letter(length=1100), NOON).notices[0].level == "exhausted"
    assert levels(budget, 20) == []


def test_a_new_day_begins_anew_and_says_what_was_refused() -> None:
    budget = Budget(Allowance(10))
    assert passing(budget, 30) == 9
    ruling = budget.admit(letter(), NOON + DAY_NS)
    assert ruling == (True, (Notice("renewed", "2024-10-04", 11, 10, 21),))
    assert passing(budget, 30, at=NOON + DAY_NS) == 7  # and the first, the notice, a warning


def test_a_day_without_a_refusal_ends_in_silence() -> None:
    budget = Budget(Allowance(10))
    budget.admit(letter(), NOON)
    assert budget.admit(letter(), NOON + DAY_NS).notices == ()


def test_midnight_is_utc_s() -> None:
    budget = Budget(Allowance(10))
    passing(budget, 30, at=(TODAY + 1) * DAY_NS - 1)
    assert budget.admit(letter(), (TODAY + 1) * DAY_NS).passes


def test_a_clock_put_back_over_midnight_gives_no_second_budget() -> None:
    budget = Budget(Allowance(10))
    passing(budget, 30, at=TODAY * DAY_NS)
    assert passing(budget, 5, at=TODAY * DAY_NS - 1) == 0
    assert passing(budget, 5, at=TODAY * DAY_NS + 1) == 0


def test_a_clock_that_was_years_ahead_does_not_stop_all_for_years() -> None:
    budget = Budget(Allowance(10))
    passing(budget, 30, at=NOON + 9000 * DAY_NS)
    assert budget.admit(letter(), NOON).passes


def test_a_part_is_kept_for_events() -> None:
    budget = Budget(Allowance(100, kept_for_events=20))
    assert passing(budget, 100) == 80
    assert passing(budget, 18, EVENTS) == 18  # 20 with the warning and that it is used up
    assert budget.used == 100


def test_events_beyond_their_part_take_from_the_rest() -> None:
    budget = Budget(Allowance(100, kept_for_events=20))
    assert passing(budget, 50, EVENTS) == 50
    assert passing(budget, 100) == 49  # and the warning
    assert budget.used == 101  # with that it is used up


@pytest.mark.parametrize(
    ("length", "units"), [(0, 1), (1, 1), (512, 1), (513, 2), (1024, 2), (100_000, 196)]
)
def test_a_long_message_counts_as_several(length: int, units: int) -> None:
    budget = Budget(Allowance(1000, unit_bytes=512))
    budget.admit(letter(length=length), NOON)
    assert budget.used == units


def test_one_that_is_too_long_for_the_rest_does_not_stop_shorter_ones() -> None:
    budget = Budget(Allowance(20, unit_bytes=100))
    assert not budget.admit(letter(length=2100), NOON).passes
    assert budget.admit(letter(length=900), NOON).passes


def test_what_was_spent_outlives_a_restart() -> None:
    before = Budget(Allowance(10))
    passing(before, 30)
    kept = msgspec.json.decode(msgspec.json.encode(before.spent), type=Spent)
    budget = Budget(Allowance(10), kept)
    assert passing(budget, 5) == 0
    assert levels(budget, 5) == []
    assert budget.admit(letter(), NOON + DAY_NS).notices[0].refused == 31


@given(
    st.lists(st.tuples(st.sampled_from([RESULTS, STATE, EVENTS]), st.integers(0, 3000))),
    st.integers(1, 60),
    st.integers(0, 60),
)
def test_the_total_holds_for_as_long_as_there_is_a_rest(
    letters: list[tuple[int, int]], most: int, kept: int
) -> None:
    allowance = Allowance(most, kept, unit_bytes=1000)
    budget, ordinary, events = Budget(allowance), 0, 0
    for priority, length in letters:
        asked = letter(priority, length)
        ruling = budget.admit(asked, NOON)
        events += len(ruling.notices)
        if priority == EVENTS:
            assert ruling.passes
            events += allowance.units(asked)
        elif ruling.passes:
            ordinary += allowance.units(asked)
            assert ordinary + max(events - len(ruling.notices), kept) <= most
    assert (budget.spent.ordinary, budget.spent.events) == (ordinary, events)
    assert len(budget.spent.told) <= 2


def a_day(pace: Pace, allowance: Allowance) -> tuple[int, int]:
    """Units that a day of two cameras at 2 results a second costs, and results refused.

    People come and go each quarter of an hour, and an hour's beginning loses a camera for a
    minute: two events.
    """
    budget, throttle, units = Budget(allowance), Throttle(pace), 0
    lost = Health(actor="camera-back", stage="camera", pid=7, state="degraded", detail="no picture")
    empty, some = (
        {camera: result(*labels, camera=camera) for camera in ("front", "back")}
        for labels in ([], ["person", "person"])
    )

    def send(wanted: Letter, now_ns: int) -> None:
        nonlocal units
        ruling = budget.admit(wanted, TODAY * DAY_NS + now_ns)
        going = [retinue1.budget(notice, now_ns) for notice in ruling.notices]
        units += sum(allowance.units(one) for one in [*going, *[wanted] * ruling.passes])

    for half in range(24 * 3600 * 2):
        now_ns = half * SECOND_NS // 2
        if half % (3600 * 2) in {0, 60 * 2}:
            send(retinue1.health(lost, lost, now_ns), now_ns)
        for seen in (empty if half // 1800 % 2 else some).values():
            for one in throttle.offer(seen, now_ns):
                if isinstance(one, Result):
                    send(retinue1.result(one, None, now_ns), now_ns)
                else:
                    send(retinue1.counts(one, now_ns), now_ns)
    return units, budget.spent.refused


FREE_TIER = Allowance(8000, kept_for_events=400, unit_bytes=512)


def test_the_free_tier_holds_for_a_day_whatever_the_interval() -> None:
    units, refused = a_day(Pace("interval", 1000), FREE_TIER)
    assert 7600 <= units <= 8000  # what is kept for events is not given away
    assert refused > 100_000


@pytest.mark.parametrize(
    "pace", [Pace("change", 60_000), Pace("aggregate", 60_000)], ids=lambda pace: pace.mode
)
def test_nothing_is_refused_for_a_day_at_a_pace_that_fits(pace: Pace) -> None:
    units, refused = a_day(pace, FREE_TIER)
    assert units < 8000
    assert refused == 0
