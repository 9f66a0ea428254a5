"""When what is reported."""

from typing import Any

from actors.telemetry.cloud.difference import merged
from actors.telemetry.cloud.reporter import Reporter

SECOND_NS = 1_000_000_000
HOUR_S = 3600


def state(word: str, section: str = "health") -> dict[str, Any]:
    return {section: {"rtsp": {"state": word}}}


def reporter(hub: dict[str, Any] | None = None) -> Reporter:
    new = Reporter()
    new.hub_has(hub or {})
    return new


def test_nothing_is_due_before_the_hub_said_what_it_has() -> None:
    new = Reporter()
    assert not new.is_due(0)
    assert new.due(0, state("running")) is None


def test_the_first_is_all_that_the_hub_lacks_and_the_next_is_what_changed() -> None:
    new = reporter({"$version": 3, "StreamFPS": {"value": 10}, "theirs": 1})
    truth = {"StreamFPS": {"value": 10}, **state("running")}
    assert new.due(0, truth) == state("running")
    assert new.due(SECOND_NS, truth) is None
    assert new.due(2 * SECOND_NS, truth | {"StreamFPS": {"value": 11}}) == {
        "StreamFPS": {"value": 11}
    }


def test_changes_within_a_second_go_together() -> None:
    new = reporter()
    assert new.due(0, {"StreamFPS": {"value": 1}})
    assert not new.is_due(SECOND_NS - 1)
    assert new.due(SECOND_NS - 1, {"StreamFPS": {"value": 2}, "RawStream": {"value": True}}) is None
    assert new.due(SECOND_NS, {"StreamFPS": {"value": 3}, "RawStream": {"value": True}}) == {
        "StreamFPS": {"value": 3},
        "RawStream": {"value": True},
    }


def test_health_waits_ten_seconds_and_holds_nothing_else_up() -> None:
    new = reporter()
    new.due(0, state("running"))
    truth = state("degraded") | {"StreamFPS": {"value": 3}}
    assert new.due(SECOND_NS, truth) == {"StreamFPS": {"value": 3}}
    assert new.due(10 * SECOND_NS - 1, truth) is None
    assert new.due(10 * SECOND_NS, truth) == state("degraded")


def test_what_comes_and_goes_is_reported_ever_more_rarely() -> None:
    for section, most in (("health", 15), ("models", 460)):
        new, sent = reporter(), 0
        for second in range(HOUR_S):
            word = "degraded" if second % 3 else "running"
            sent += new.due(second * SECOND_NS, state(word, section)) is not None
        assert 6 <= sent <= most


def test_what_it_settles_on_is_reported_and_after_quiet_times_at_once() -> None:
    new = reporter()
    hub: dict[str, Any] = {}
    for second in range(100):
        word = "degraded" if second % 3 else "running"
        hub = merged(hub, new.due(second * SECOND_NS, state(word)) or {})
    patches = [new.due(second * SECOND_NS, state("running")) for second in range(100, 800)]
    for patch in patches:
        hub = merged(hub, patch or {})
    assert hub == state("running")
    assert new.due(4000 * SECOND_NS, state("degraded")) == state("degraded")
    assert new.due(4009 * SECOND_NS, state("running")) is None
    assert new.due(4010 * SECOND_NS, state("running")) == state("running")


def test_what_did_not_arrive_is_reported_with_the_next_line() -> None:
    new = reporter()
    new.due(0, state("running"))
    new.hub_has({})
    assert new.due(10 * SECOND_NS, state("running")) == state("running")


def test_nothing_of_others_is_ever_removed() -> None:
    new = reporter({"theirs": {"a": 1}, "health": {"gone": {"state": "x"}}, "cut": "texts"})
    assert new.due(0, state("running")) == {
        "health": {"gone": None, "rtsp": {"state": "running"}},
        "cut": None,
    }
