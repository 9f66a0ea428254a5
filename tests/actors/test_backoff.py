"""Waits double up to a bound, are jittered, and begin anew after a connection that held."""

from hypothesis import given
from hypothesis import strategies as st

from actors.backoff import HELD_NS, Backoff


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(1.0, 10.0, lambda: 1.0)
    assert [backoff.failed(0) for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_connection_that_held_begins_anew_and_one_that_did_not_does_not() -> None:
    backoff = Backoff(1.0, 10.0, lambda: 1.0)
    waits = [backoff.failed(held_ns) for held_ns in (0, 0, HELD_NS - 1, HELD_NS, 0)]
    assert waits == [1.0, 2.0, 4.0, 1.0, 2.0]


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_jitter_takes_away_half_at_most(jitter: float, failures: int) -> None:
    backoff = Backoff(0.5, 60.0, lambda: jitter)
    waits = [backoff.failed(0) for _ in range(min(failures, 50))]
    assert all(0.25 <= wait_s <= 60.0 for wait_s in waits)
    assert waits == sorted(waits)


def test_who_asks_for_more_gets_it_up_to_the_longest() -> None:
    backoff = Backoff(1.0, 10.0, lambda: 1.0)
    assert [backoff.failed(0, asked_s) for asked_s in (0.5, 7.0, 1e9)] == [1.0, 7.0, 10.0]
