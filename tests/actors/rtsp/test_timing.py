"""Key frames, thinning and freshness."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.rtsp.timing import SECOND_NS, Freshness, KeyFrames, Thinning

TENTH_NS = SECOND_NS // 10


def due(keys: KeyFrames, *tenths: int) -> list[bool]:
    return [keys.due(tenth * TENTH_NS) for tenth in tenths]


def test_the_first_picture_and_each_interval_is_a_key_frame() -> None:
    assert due(KeyFrames(1.0), 0, 1, 9, 10, 11, 20) == [True, False, False, True, False, True]


def test_one_is_made_when_asked_but_not_too_often() -> None:
    keys = KeyFrames(10.0)
    assert due(keys, 0, 5) == [True, False]
    keys.ask()
    assert due(keys, 6, 7) == [True, False]
    keys.ask()
    keys.ask()
    assert due(keys, 8, 9, 10) == [False, True, False]


def test_a_restart_needs_one_at_once() -> None:
    keys = KeyFrames(10.0)
    keys.due(0)
    keys.restart()
    assert due(keys, 1, 2) == [True, False]


def test_a_source_is_stale_after_half_a_second_or_five_periods() -> None:
    fast, slow = Freshness(30), Freshness(2)
    for source in (fast, slow):
        source.hear(0, 0)
    assert not fast.stale(SECOND_NS // 2)
    assert fast.stale(SECOND_NS // 2 + 1)
    assert not slow.stale(5 * SECOND_NS // 2)
    assert slow.stale(5 * SECOND_NS // 2 + 1)


def test_the_period_is_learnt_and_follows() -> None:
    source = Freshness(None)
    assert source.period_ns == 0
    for count in range(60):
        source.hear(count * SECOND_NS, 0)
    assert source.period_ns == SECOND_NS
    for count in range(60):
        source.hear(60 * SECOND_NS + count * TENTH_NS, 0)
    assert abs(source.period_ns - TENTH_NS) < TENTH_NS // 10


def test_foolish_times_teach_nothing() -> None:
    source = Freshness(10)
    for captured_ns in (0, 2**62, -(2**62), 5, 5, 4):
        source.hear(captured_ns, 0)
    assert source.period_ns == TENTH_NS


def test_who_begins_to_look_gives_the_source_its_time() -> None:
    source = Freshness(30)
    source.wait(10 * SECOND_NS)
    assert not source.stale(10 * SECOND_NS + SECOND_NS // 2)
    assert source.stale(11 * SECOND_NS)


def sent(most_fps: float, source_fps: float, jitter_ns: int = 0, count: int = 60) -> list[int]:
    """Which of a source's pictures are sent; every second one is `jitter_ns` early."""
    thinning = Thinning(most_fps)
    times_ns = [int(n * SECOND_NS / source_fps) - n % 2 * jitter_ns for n in range(count)]
    return [number for number, time_ns in enumerate(times_ns) if thinning.admits(time_ns)]


@pytest.mark.parametrize(
    ("most_fps", "source_fps", "steps"),
    [
        (10, 30, [3]),
        (30, 30, [1]),
        (60, 30, [1]),
        (15, 30, [2]),
        (10, 25, [3, 2]),
        (20, 30, [2, 1]),
    ],
)
@pytest.mark.parametrize("jitter_ns", [0, 2_000_000])
def test_pictures_are_thinned_evenly(
    most_fps: float, source_fps: float, steps: list[int], jitter_ns: int
) -> None:
    numbers = sent(most_fps, source_fps, jitter_ns)
    apart = [after - before for before, after in pairwise(numbers)]
    assert apart == (steps * len(apart))[: len(apart)]


@given(
    st.integers(1, 240),
    st.lists(st.integers(1, 3 * SECOND_NS // 10), min_size=1, max_size=200),
)
def test_no_second_has_more_than_it_may(most_fps: int, gaps_ns: list[int]) -> None:
    thinning = Thinning(most_fps)
    times_ns = list(accumulate(gaps_ns))
    shown = [time_ns for time_ns in times_ns if thinning.admits(time_ns)]
    most = max(sum(at <= time_ns < at + SECOND_NS for time_ns in shown) for at in shown)
    assert most <= most_fps + 2  # one early, one late
    span = shown[-1] - shown[0]
    assert len(shown) <= span * most_fps / SECOND_NS + 2


@given(st.integers(1, 240), st.integers(-(2**63), 2**63), st.integers(-(2**63), 2**63))
def test_no_time_stops_a_stream(most_fps: int, first_ns: int, then_ns: int) -> None:
    thinning = Thinning(most_fps)
    assert thinning.admits(first_ns)
    thinning.admits(then_ns)
    assert thinning.admits(then_ns + 2 * SECOND_NS)
