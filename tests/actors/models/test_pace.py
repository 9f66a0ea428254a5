"""Rates and waits: times in, numbers out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.models.pace import SECOND_NS, Gauge, Tries
from actors.models.remote import Terms

TERMS = Terms(attempts=3, first_wait_s=1.0, longest_wait_s=60.0)


def test_a_steady_stream_has_its_rate() -> None:
    gauge = Gauge(0)
    for tenth in range(1, 50):
        gauge.add(100, tenth * SECOND_NS // 10)
        assert gauge.rate_bytes_s == pytest.approx(1000)


def test_a_change_is_followed_within_seconds() -> None:
    gauge = Gauge(0)
    gauge.add(1000, SECOND_NS)
    for second in range(2, 5):
        gauge.add(2000, second * SECOND_NS)
    assert 1600 < gauge.rate_bytes_s < 1700  # two thirds of the way after three seconds


def test_silence_brings_it_down_and_a_pause_does_not() -> None:
    silent, paused = Gauge(0), Gauge(0)
    for gauge in (silent, paused):
        gauge.add(1000, SECOND_NS)
    silent.add(0, 31 * SECOND_NS)
    paused.pause(31 * SECOND_NS)
    assert silent.rate_bytes_s < 1
    assert paused.rate_bytes_s == 1000
    paused.add(1000, 32 * SECOND_NS)
    assert paused.rate_bytes_s == pytest.approx(1000)


def test_a_clock_that_stands_still_gives_no_rate() -> None:
    gauge = Gauge(5)
    gauge.add(10**9, 5)
    assert gauge.rate_bytes_s == 0


def test_waits_double_up_to_the_longest() -> None:
    tries = Tries(TERMS, lambda: 1.0)
    waits = []
    for _ in range(9):
        tries.failed(0)
        waits.append(tries.wait_s())
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 1e9))
def test_waits_are_bounded_whatever_is_asked(failures: int, jitter: float, asked_s: float) -> None:
    tries = Tries(TERMS, lambda: jitter)
    tries.failures = failures
    assert 0.5 <= tries.wait_s(asked_s) <= 60
    assert tries.wait_s(asked_s) >= min(asked_s, 60)


def test_jitter_takes_up_to_half_away() -> None:
    tries = Tries(TERMS, iter([0.0, 0.5, 1.0]).__next__)
    tries.failed(0)
    assert [tries.wait_s() for _ in range(3)] == [0.5, 0.75, 1.0]


def test_the_third_failure_is_the_last_unless_it_got_further() -> None:
    tries = Tries(TERMS, lambda: 1.0)
    for done, over in [(0, False), (0, False), (5, False), (5, False), (4, True)]:
        tries.failed(done)
        assert tries.over is over
