"""Peaks at centres, and boxes that can be had back from the cells around them."""

import numpy as np
import pytest

from training.example import Truth
from training.grid import CELL_PX, HEIGHT_PX, WIDTH_PX
from training.targets import Targets, encode

PERSON, CAR = 0, 2
SCALE = np.array([WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX], np.float32)


def encoded(*figures: tuple[int, float, list[float]]) -> Targets:
    kinds, visible, boxes = zip(*figures, strict=True)
    table = np.array(boxes, np.float32) / SCALE
    return encode(Truth(np.array(kinds), np.array(visible, np.float32), table))


def box_at(targets: Targets, kind: int, row: int, column: int) -> list[float]:
    left, top, right, bottom = targets.sides[kind, :, row, column]
    x, y = (column + 0.5) * CELL_PX, (row + 0.5) * CELL_PX
    return [x - left, y - top, x + right, y + bottom]


def test_one_figure_is_one_peak_in_its_class() -> None:
    targets = encoded((CAR, 1.0, [100, 80, 180, 120]))
    assert np.argwhere(targets.heat == 1).tolist() == [[CAR, 100 // CELL_PX, 140 // CELL_PX]]
    assert not targets.heat[PERSON].any()


def test_every_cell_that_counts_knows_the_whole_box() -> None:
    targets = encoded((CAR, 1.0, [100, 80, 180, 120]))
    cells = np.argwhere(targets.weight[CAR]).tolist()
    assert len(cells) > 4
    for row, column in cells:
        assert box_at(targets, CAR, row, column) == pytest.approx([100, 80, 180, 120], abs=0.01)
    assert targets.weight.sum() == pytest.approx(1)


def test_two_of_a_class_that_overlap_keep_a_peak_and_a_box_each() -> None:
    one, other = [100.0, 80.0, 130.0, 150.0], [112.0, 82.0, 142.0, 152.0]
    targets = encoded((PERSON, 0.5, one), (PERSON, 1.0, other))
    assert np.count_nonzero(targets.heat == 1) == 2
    for box in (one, other):
        row = int((box[1] + box[3]) / 2 / CELL_PX)
        column = int((box[0] + box[2]) / 2 / CELL_PX)
        assert box_at(targets, PERSON, row, column) == pytest.approx(box, abs=0.01)


def test_a_hidden_figure_is_neither_right_nor_wrong() -> None:
    targets = encoded((PERSON, 0.2, [100, 80, 130, 150]))
    assert targets.heat.max() < 1 or not targets.heat.any()
    assert targets.ignored[PERSON, 115 // CELL_PX, 115 // CELL_PX] == 1
    assert not targets.weight.any()
    assert not targets.ignored[CAR].any()


def test_a_figure_that_cannot_be_seen_is_not_there() -> None:
    targets = encoded((PERSON, 0.01, [100, 80, 130, 150]))
    assert not targets.heat.any()
    assert not targets.ignored.any()


def test_nothing_is_ignored_where_a_figure_stands_before_a_hidden_one() -> None:
    targets = encoded((CAR, 0.1, [100, 80, 180, 120]), (CAR, 1.0, [104, 80, 184, 120]))
    assert targets.heat[CAR].max() == 1
    assert not targets.ignored[CAR][targets.heat[CAR] > 0.5].any()


def test_an_empty_street_has_empty_maps() -> None:
    nothing = Truth(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros((0, 4), np.float32))
    assert not encode(nothing).heat.any()
