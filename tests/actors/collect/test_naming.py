"""Names as Azure Percept gave them."""

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.collect.naming import free_stem, percent, percent_in, stem_of

NOON = 1_777_896_000_000_000_000  # 2026-05-04 12:00:00 UTC


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([], 0), ([0.29], 29), ([0.9, 0.8], 85), ([1.0, 1.0], 100), ([0.999], 99), ([0.0049], 0)],
)
def test_the_mean_score_is_cut(scores: list[float], expected: int) -> None:
    assert percent(scores) == expected


def test_the_time_is_local() -> None:
    assert stem_of(87, NOON, UTC) == "87-2026-05-04-12-00-00"
    assert stem_of(0, NOON, timezone(timedelta(hours=-5))) == "0-2026-05-04-07-00-00"


def test_a_second_one_of_the_same_second_gets_a_number() -> None:
    taken = {"5-x"}
    assert free_stem("6-x", taken) == "6-x"
    assert free_stem("5-x", taken) == "5-x-2"
    assert free_stem("5-x", {*taken, "5-x-2"}) == "5-x-3"


@given(st.integers(0, 100), st.integers(0, 4_000_000_000), st.integers(0, 3))
def test_what_is_named_is_known_again(score: int, utc_s: int, others: int) -> None:
    stem = stem_of(score, utc_s * 1_000_000_000, UTC)
    taken: set[str] = set()
    for _ in range(others):
        taken.add(free_stem(stem, taken))
    assert percent_in(free_stem(stem, taken)) == score


@pytest.mark.parametrize(
    "name",
    ["holiday", "87", "87-2026-05-04", "x-2026-05-04-12-00-00", "87-2026-05-04-12-00-00-0",
     "87-2026-05-04-12-00-00\n", "-2026-05-04-12-00-00", "\u0668-2026-05-04-12-00-00"],
)  # fmt: skip
def test_other_names_are_not_ours(name: str) -> None:
    assert percent_in(name) is None
