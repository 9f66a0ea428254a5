from itertools import pairwise

import cv2
import numpy as np
import pytest

from actors.camera.street.mixed import STRIPE_ROWS, Mixed
from bus.pixels import I420, Plane, blank

SIZE = 40, 5 * STRIPE_ROWS + 6


def ends(apart: int, seed: int = 0) -> tuple[I420, I420]:
    """Two pictures whose pixels differ by up to so much, up and down."""
    random = np.random.default_rng(seed)
    before, after = blank(*SIZE), blank(*SIZE)
    for one, other in zip(before, after, strict=True):
        one[:] = random.integers(60, 190, one.shape)
        other[:] = one + random.integers(-apart, apart + 1, one.shape)
    return before, after


def mean(before: Plane, after: Plane, share: float) -> Plane:
    return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0), np.uint8)


@pytest.mark.parametrize("apart", [0, 1, 2, 5, 11, 40])
def test_each_share_is_what_it_is_without_a_past(apart: int) -> None:
    before, after = ends(apart)
    mixed = Mixed(*SIZE)
    for share in (*np.arange(0, 1, 1 / 120), 0.5, 0.25, 0.9999, 0.5001, 0.0):
        list(mixed.turn(before, after, float(share)))
        for one, other, found in zip(before, after, mixed.picture, strict=True):
            assert np.array_equal(found, mean(one, other, float(share)))


def test_rows_are_told_when_they_change() -> None:
    before, after = ends(3)
    mixed, canvas = Mixed(*SIZE), blank(*SIZE)
    for share in np.arange(0, 1, 1 / 60):
        for rows in mixed.turn(before, after, float(share)):
            canvas.y[rows] = mixed.picture.y[rows]
        assert np.array_equal(canvas.y, mixed.picture.y)


def test_small_differences_are_seldom_worked_out() -> None:
    before, after = ends(2)
    mixed = Mixed(*SIZE)
    shares = [(at + 0.5) / 1000 for at in range(1000)]
    written = [len(list(mixed.turn(before, after, share))) for share in shares]
    assert sum(count > 0 for count in written) < 20


def test_a_stripe_that_stays_is_left_alone() -> None:
    before, after = ends(30)
    for one, other in zip(before, after, strict=True):
        other[: STRIPE_ROWS // 2] = one[: STRIPE_ROWS // 2]
    after.y[:STRIPE_ROWS] = before.y[:STRIPE_ROWS]
    mixed = Mixed(*SIZE)
    tops = [[rows.start for rows in mixed.turn(before, after, at / 10)] for at in range(1, 10)]
    assert tops[0] == list(range(0, SIZE[1], STRIPE_ROWS))
    assert all(later == tops[0][1:] for _, later in pairwise(tops))


def test_other_pictures_are_mixed_at_the_same_share() -> None:
    mixed = Mixed(*SIZE)
    for seed in (1, 2):
        before, after = ends(1, seed)
        list(mixed.turn(before, after, 0.3))
        assert np.array_equal(mixed.picture.y, mean(before.y, after.y, 0.3))
