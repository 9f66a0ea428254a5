"""Boxes go where their pixels go."""

import numpy as np
import pytest

from training.augment import augment, mirrored, patched, repainted, zoomed
from training.example import Example, Truth


def square(left: int, top: int, right: int, bottom: int) -> Example:
    """One white figure on black, 200 wide and 100 high."""
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[top:bottom, left:right] = 255
    box = np.array([[left / 200, top / 100, right / 200, bottom / 100]], np.float32)
    return Example(picture, Truth(np.array([2]), np.array([1.0], np.float32), box))


def white(example: Example) -> list[float]:
    """Where the white pixels are, as a box in fractions."""
    rows, columns = np.nonzero(example.picture[..., 0] > 200)
    height, width = example.picture.shape[:2]
    corners = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return [at / side for at, side in zip(corners, (width, height) * 2, strict=True)]


def test_mirrored() -> None:
    example = mirrored(square(20, 30, 60, 80))
    assert example.truth.boxes[0] == pytest.approx(white(example))
    assert white(example) == pytest.approx([0.7, 0.3, 0.9, 0.8])


@pytest.mark.parametrize("seed", range(20))
def test_zoomed(seed: int) -> None:
    before = square(80, 30, 120, 70)
    example = zoomed(before, np.random.default_rng(seed))
    assert example.truth.boxes[0] == pytest.approx(white(example), abs=0.02)
    assert before.picture[50, 100, 0] == 255


def test_what_a_zoom_cuts_off_is_less_visible() -> None:
    whole = square(0, 0, 200, 100)
    shares = [zoomed(whole, np.random.default_rng(seed)).truth.visible[0] for seed in range(40)]
    assert min(shares) < 0.6
    assert max(shares) == pytest.approx(1)


def test_a_patch_hides() -> None:
    whole = square(0, 0, 200, 100)
    for seed in range(10):
        example = patched(whole, np.random.default_rng(seed))
        changed = np.any(example.picture != whole.picture, axis=2).mean()
        assert example.truth.visible[0] == pytest.approx(1 - changed, abs=0.02)
        assert np.all(whole.picture == 255)


def test_repainting_keeps_the_shape_and_leaves_the_original() -> None:
    original = square(20, 30, 60, 80).picture
    kept = original.copy()
    made = [repainted(original, np.random.default_rng(seed)) for seed in range(20)]
    assert all(one.shape == original.shape and one.dtype == np.uint8 for one in made)
    assert any(np.any(one != original) for one in made)
    assert np.array_equal(original, kept)


def test_the_same_numbers_make_the_same_example() -> None:
    example = square(20, 30, 60, 80)
    one, other = (augment(example, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one.picture, other.picture)
    assert np.array_equal(one.truth.boxes, other.truth.boxes)
