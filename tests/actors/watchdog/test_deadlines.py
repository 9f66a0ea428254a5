"""Who hangs, from healths, holders and times alone."""

from actors.watchdog.deadlines import FIRST_HEALTH_S, Deadlines
from actors.watchdog.pace import MOST, WITHIN_NS, Pace
from bus.health import SECOND_NS
from bus.messages import Health

START_NS = 1_000 * SECOND_NS
QUARTER_NS = SECOND_NS // 4


def health(at_ns: int, pid: int = 7, due_ms: int = 2500) -> Health:
    return Health(
        actor="overlay",
        stage="overlay",
        pid=pid,
        state="running",
        due_ms=due_ms,
        published_ns=at_ns,
    )


def first_overdue(deadlines: Deadlines, holders: dict[str, int], seconds: float) -> float | None:
    """Look every quarter second; after how many seconds somebody was overdue."""
    for step in range(int(seconds * 4) + 1):
        if deadlines.overdue(holders, START_NS + step * QUARTER_NS):
            return step / 4
    return None


def test_silence_past_its_own_deadline_is_a_hang() -> None:
    deadlines = Deadlines()
    deadlines.overdue({}, START_NS)
    deadlines.heard(health(START_NS, due_ms=2500))
    assert first_overdue(deadlines, {"overlay": 7}, 60) == 2.75


def test_a_longer_deadline_is_granted() -> None:
    deadlines = Deadlines()
    deadlines.heard(health(START_NS, due_ms=20_000))
    assert first_overdue(deadlines, {"overlay": 7}, 19) is None


def test_who_speaks_in_time_is_left_alone() -> None:
    deadlines = Deadlines()
    for step in range(100):
        now_ns = START_NS + step * QUARTER_NS
        deadlines.heard(health(now_ns))
        assert deadlines.overdue({"overlay": 7}, now_ns) == []


def test_a_start_that_never_ends_is_a_hang() -> None:
    assert first_overdue(Deadlines(), {"overlay": 7}, 60) == FIRST_HEALTH_S + 0.25


def test_a_successor_is_not_judged_by_its_predecessors_silence() -> None:
    deadlines = Deadlines()
    deadlines.heard(health(START_NS, pid=6))
    assert first_overdue(deadlines, {"overlay": 7}, 20) is None


def test_nobody_is_told_twice_and_the_reason_is_given() -> None:
    deadlines = Deadlines()
    deadlines.overdue({}, START_NS)
    deadlines.heard(health(START_NS))
    told = [
        hung
        for step in range(40)
        for hung in deadlines.overdue({"overlay": 7}, START_NS + step * QUARTER_NS)
    ]
    assert [(hung.actor, hung.pid) for hung in told] == [("overlay", 7)]
    assert "2500 ms" in told[0].reason


def test_who_has_ended_is_not_hung() -> None:
    deadlines = Deadlines()
    deadlines.heard(health(START_NS))
    assert first_overdue(deadlines, {"overlay": 0}, 60) is None


def test_after_a_blind_spell_all_deadlines_start_anew() -> None:
    deadlines = Deadlines()
    deadlines.overdue({}, START_NS)
    deadlines.heard(health(START_NS))
    later_ns = START_NS + 60 * SECOND_NS
    assert deadlines.overdue({"overlay": 7}, later_ns) == []
    assert deadlines.overdue({"overlay": 7}, later_ns + QUARTER_NS) == []
    for step in range(9):
        assert deadlines.overdue({"overlay": 7}, later_ns + step * QUARTER_NS) == []
    assert deadlines.overdue({"overlay": 7}, later_ns + 10 * QUARTER_NS + 1) != []


def test_quick_starts_are_counted_for_each_actor() -> None:
    pace = Pace()
    assert all(pace.allows("overlay", START_NS + step) for step in range(MOST))
    assert not pace.allows("overlay", START_NS + MOST)
    assert pace.allows("rtsp", START_NS + MOST)
    assert pace.allows("overlay", START_NS + WITHIN_NS + 1)
