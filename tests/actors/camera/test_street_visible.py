import numpy as np
import pytest

from actors.camera.street.places import area_px, joined, meet
from actors.camera.street.visible import mask_at, seen_px
from bus.pixels import Plane

WINDOW = 0, 0, 100, 80


def block(width: int, height: int) -> Plane:
    return np.full((height, width), 255, np.uint8)


@pytest.mark.parametrize(
    ("left", "top", "seen"),
    [(10, 10, 200), (-5, 10, 150), (95, 70, 50), (100, 10, 0), (10, -10, 0), (-3, -3, 17 * 7)],
)
def test_what_lies_outside_the_window_is_not_seen(left: int, top: int, seen: int) -> None:
    assert seen_px(mask_at(block(20, 10), left, top), WINDOW, []) == seen


def test_what_two_hide_is_hidden_once() -> None:
    figure = mask_at(block(20, 10), 10, 10)
    hiders = [
        mask_at(block(10, 50), 0, 0),
        mask_at(block(20, 5), 5, 8),
        mask_at(block(9, 9), 50, 50),
    ]
    assert seen_px(figure, WINDOW, hiders[:1]) == 200
    assert seen_px(figure, WINDOW, hiders) == 200 - 15 * 3
    assert seen_px(figure, WINDOW, [mask_at(block(60, 60), 0, 0)]) == 0


def test_only_a_hiders_own_pixels_hide_and_masks_are_left_as_they_are() -> None:
    random = np.random.default_rng(3)
    own, over = (np.asarray(random.integers(0, 2, (30, 30)) * 255, np.uint8) for _ in range(2))
    before = own.copy(), over.copy()
    found = seen_px(mask_at(own, 20, 20), WINDOW, [mask_at(over, 25, 12)])
    hidden = np.zeros_like(own)
    hidden[:22, 5:] = over[8:, :25]
    assert found == np.count_nonzero((own > 0) & (hidden == 0))
    assert np.array_equal(own, before[0])
    assert np.array_equal(over, before[1])


def test_rectangles_are_joined_where_that_is_cheaper() -> None:
    near, nearer, far = (0, 0, 10, 10), (5, 5, 15, 15), (500, 0, 510, 10)
    assert joined([near, nearer, far], 40) == [(0, 0, 15, 15), far]
    assert joined([near, nearer, far], 10) == [near, nearer, far]
    assert joined([], 10) == []


def test_rectangles_that_only_touch_do_not_meet() -> None:
    assert meet((0, 0, 10, 10), (10, 0, 20, 10)) is None
    assert meet((0, 0, 10, 10), (9, 9, 20, 20)) == (9, 9, 10, 10)
    assert area_px((2, 3, 12, 8)) == 50
