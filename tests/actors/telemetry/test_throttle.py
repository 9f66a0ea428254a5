"""Hours pass here in no time: the time is what the test says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.telemetry.aggregate import Counts
from actors.telemetry.throttle import Pace, Throttle
from bus.messages import Result
from tests.actors.telemetry.seen import SECOND_NS, result

SECOND = Pace("interval", 1000)
CHANGE = Pace("change", 1000, heartbeat=5)
AGGREGATE = Pace("aggregate", 1000)


def sent_at(throttle: Throttle, seen: dict[float, Result]) -> list[float]:
    """When something was sent, of results that come at these seconds."""
    return [at_s for at_s, one in seen.items() if throttle.offer(one, round(at_s * SECOND_NS))]


def test_the_first_goes_at_once_and_the_next_only_when_more_than_the_interval_has_passed() -> None:
    seen = {at_s: result() for at_s in (5.0, 5.9, 6.0, 6.001, 7.0, 7.001, 7.002, 20)}
    assert sent_at(Throttle(SECOND), seen) == [5.0, 6.001, 7.002, 20]


def test_what_is_sent_is_the_result_that_came() -> None:
    seen = result("car")
    assert Throttle(SECOND).offer(seen, 0) == [seen]


def test_cameras_and_entries_have_each_their_own_interval() -> None:
    throttle = Throttle(SECOND)
    assert throttle.offer(result(camera="front"), 0)
    assert throttle.offer(result(camera="back"), 1)
    assert throttle.offer(result(camera="front", inference="faces"), 2)
    assert not throttle.offer(result(camera="front"), 3)
    assert not throttle.offer(result(camera="back"), 4)


def test_without_an_interval_all_go() -> None:
    seen = {at_s / 30: result() for at_s in range(300)}
    assert sent_at(Throttle(Pace("interval", 0)), seen) == list(seen)


def test_a_new_interval_counts_from_the_last_that_was_sent() -> None:
    throttle = Throttle(Pace("interval", 60_000))
    throttle.offer(result(), 0)
    assert not throttle.offer(result(), 10 * SECOND_NS)
    assert throttle.change(SECOND) == []
    assert throttle.offer(result(), 11 * SECOND_NS)


def test_without_a_change_only_the_heartbeat_goes() -> None:
    seen = {float(at_s): result("car") for at_s in range(13)}
    assert sent_at(Throttle(CHANGE), seen) == [0, 6, 12]


def test_a_change_goes_at_most_once_an_interval() -> None:
    seen = {
        0.0: result("car"),
        0.5: result("car", "car"),
        0.9: result("bus"),
        1.1: result("bus"),  # what it came to
        1.5: result("bus"),
        2.2: result(),
        3.3: result(),
    }
    assert sent_at(Throttle(CHANGE), seen) == [0.0, 1.1, 2.2]


def test_what_is_as_it_was_within_the_interval_is_no_change() -> None:
    seen = {0.0: result("car"), 0.5: result(), 1.1: result("car")}
    assert sent_at(Throttle(CHANGE), seen) == [0.0]


def test_the_order_of_boxes_is_no_change() -> None:
    seen = {0.0: result("car", "bus"), 2.0: result("bus", "car")}
    assert sent_at(Throttle(CHANGE), seen) == [0.0]


def counted(sent: list[Any]) -> list[int]:
    assert all(isinstance(one, Counts) for one in sent)
    return [one.results for one in sent]


def test_an_interval_is_counted_once_it_is_over() -> None:
    throttle = Throttle(AGGREGATE)
    for tenth in range(11):  # 0.0 to 1.0
        assert throttle.offer(result("car"), tenth * SECOND_NS // 10) == []
    assert counted(throttle.offer(result("car"), 11 * SECOND_NS // 10)) == [11]
    assert counted(throttle.rest()) == [1]
    assert throttle.rest() == []


def test_a_camera_that_went_away_leaves_nothing_uncounted() -> None:
    throttle = Throttle(AGGREGATE)
    throttle.offer(result("car"), 0)
    throttle.offer(result("car", camera="back"), SECOND_NS)
    assert throttle.due(SECOND_NS) == []
    assert counted(throttle.due(SECOND_NS + 1)) == [1]
    assert throttle.due(SECOND_NS + 2) == []
    assert [one.camera for one in throttle.rest()] == ["back"]


def test_two_models_are_not_counted_together() -> None:
    throttle = Throttle(AGGREGATE)
    throttle.offer(result("car", model="old"), 0)
    (old,) = throttle.offer(result("car", model="new"), 1)
    assert (old.model, counted([old])) == ("old", [1])
    assert [one.model for one in throttle.rest()] == ["new"]


@pytest.mark.parametrize("pace", [SECOND, CHANGE])
def test_what_was_counted_goes_when_nothing_is_to_be_counted_any_more(pace: Pace) -> None:
    throttle = Throttle(AGGREGATE)
    throttle.offer(result("car"), 0)
    assert throttle.change(AGGREGATE) == []
    assert counted(list(throttle.change(pace))) == [1]
    assert throttle.offer(result("car"), 1) != []


STEPS = st.lists(
    st.tuples(st.integers(0, 3 * SECOND_NS), st.sampled_from(["front", "back"]), st.booleans()),
    max_size=60,
)


@given(STEPS)
def test_no_result_is_counted_twice_or_not_at_all(steps: list[tuple[int, str, bool]]) -> None:
    throttle, now_ns, sent = Throttle(AGGREGATE), 0, list[Any]()
    for wait_ns, camera, look in steps:
        now_ns += wait_ns
        sent += throttle.offer(result("car", camera=camera), now_ns)
        sent += throttle.due(now_ns) if look else []
    sent += throttle.rest()
    assert sum(counted(sent)) == len(steps)


@given(STEPS, st.sampled_from([SECOND, CHANGE]))
def test_two_of_one_camera_are_never_sent_within_an_interval(
    steps: list[tuple[int, str, bool]], pace: Pace
) -> None:
    throttle, now_ns, sent = Throttle(pace), 0, dict[str, int]()
    for wait_ns, camera, empty in steps:
        now_ns += wait_ns
        if throttle.offer(result(*([] if empty else ["car"]), camera=camera), now_ns):
            assert now_ns - sent.get(camera, -2 * SECOND_NS) > SECOND_NS
            sent[camera] = now_ns
