"""Which pictures are worth keeping."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.collect.choice import Choice, Rules, collected, rules_of, told_by
from actors.config import Camera, Collect, Config
from actors.settings import Settings
from bus.messages import Box, FrameRef, Result

SECOND = 1_000_000_000
BY_TIME = Rules(interval_ns=10 * SECOND)


def saw(*boxes: Box, inference: str = "eye") -> Result:
    return Result(
        camera="front",
        frame_seq=1,
        captured_ns=0,
        captured_utc_ns=0,
        ref=FrameRef("p", 1, 0, 1),
        inference=inference,
        model="m",
        version="1",
        family="ssd",
        device="CPU",
        boxes=list(boxes),
    )


def box(label: str, score: float, x0: float = 0.0) -> Box:
    return Box(label, score, x0, 0.0, x0 + 0.2, 0.2)


def test_what_is_wanted_now_goes_before_the_configuration() -> None:
    off = Collect(enabled=False, interval_s=60.5)
    assert rules_of(off, Settings()) is None
    assert rules_of(off, Settings(collect_interval_s=1)) is None
    assert rules_of(off, Settings(collect=True)) == Rules(int(60.5 * SECOND), pace_ns=5 * SECOND)
    on = Collect(enabled=True)
    assert rules_of(on, Settings(collect=False)) is None
    wanted = rules_of(on, Settings(collect_interval_s=0))
    assert wanted
    assert wanted.interval_ns == 0


def test_only_the_cameras_that_are_named() -> None:
    cameras = (Camera("front"), Camera("back"))
    assert collected(Config(camera=cameras)) == list(cameras)
    assert collected(Config(camera=cameras, collect=Collect(cameras=("back",)))) == [cameras[1]]


def test_one_by_time_an_interval_whatever_was_seen() -> None:
    choice = Choice()
    taken = []
    for at_s in range(0, 31, 3):
        reasons = choice.reasons(BY_TIME, (), at_s * SECOND)
        if reasons:
            choice.taken(reasons, at_s * SECOND)
            taken.append((at_s, reasons))
    assert taken == [(0, ("interval",)), (12, ("interval",)), (24, ("interval",))]


def test_a_restart_does_not_begin_the_interval_anew() -> None:
    choice = Choice()
    choice.resume(-4 * SECOND)
    assert choice.reasons(BY_TIME, (), 5 * SECOND) == ()
    assert choice.reasons(BY_TIME, (), 6 * SECOND) == ("interval",)


def test_what_is_seen_is_kept_no_faster_than_the_pace_whatever_came_before() -> None:
    rules = Rules(interval_ns=60 * SECOND, pace_ns=5 * SECOND)
    choice = Choice()
    choice.taken(choice.reasons(rules, (), 0), 0)  # by time
    assert choice.reasons(rules, ("label",), 4 * SECOND) == ()
    assert choice.reasons(rules, ("label",), 5 * SECOND) == ("label",)
    choice.taken(("label",), 59 * SECOND)
    assert choice.reasons(rules, ("label",), 60 * SECOND) == ("interval", "label")


def test_without_an_interval_nothing_is_kept_by_time() -> None:
    assert Choice().reasons(Rules(), (), 1 << 60) == ()


@pytest.mark.parametrize(
    ("scores", "kept"), [([0.3], True), ([0.6], True), ([0.9, 0.45], True), ([0.29, 0.61], False)]
)
def test_a_borderline_score_is_one_between_the_two(scores: list[float], kept: bool) -> None:
    told = told_by(Rules(borderline=(0.3, 0.6)), saw(*(box("car", s) for s in scores)), [])
    assert told == (("borderline",) if kept else ())


def test_a_label_that_is_looked_for() -> None:
    rules = Rules(labels=frozenset({"bus"}))
    assert told_by(rules, saw(box("car", 0.9), box("bus", 0.1)), []) == ("label",)
    assert told_by(rules, saw(box("car", 0.9)), []) == ()


def test_two_models_that_see_different_things() -> None:
    rules = Rules(disagreement=0.5)
    one = saw(box("car", 0.9), box("car", 0.9, x0=0.5))
    same, half = one.boxes, one.boxes[:1]
    assert told_by(rules, one, [saw(*same, inference="other")]) == ()
    assert told_by(rules, one, [saw(*half, inference="other")]) == ()  # two of three
    assert told_by(rules, one, [saw(inference="other")]) == ("disagreement",)
    assert told_by(rules, saw(), [saw(inference="other")]) == ()
    assert told_by(rules, one, []) == ()


@given(
    st.lists(st.tuples(st.integers(0, 20 * SECOND), st.booleans()), max_size=60),
    st.integers(0, 9 * SECOND),
    st.integers(0, 9 * SECOND),
)
def test_the_rates_hold_for_any_stream(
    steps: list[tuple[int, bool]], interval_ns: int, pace_ns: int
) -> None:
    rules, choice, at_ns = Rules(interval_ns=interval_ns, pace_ns=pace_ns), Choice(), 0
    by_time: list[int] = []
    before: int | None = None
    for step_ns, interesting in steps:
        at_ns += step_ns
        reasons = choice.reasons(rules, ("label",) if interesting else (), at_ns)
        if not reasons:
            continue
        choice.taken(reasons, at_ns)
        if "interval" in reasons:
            by_time.append(at_ns)
        else:
            assert before is None or at_ns - before >= pace_ns
        before = at_ns
    assert all(b - a >= interval_ns for a, b in pairwise(by_time))
