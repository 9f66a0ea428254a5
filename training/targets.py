"""What the network should have said of a picture (pure).

Each figure is a peak on its class's map: a Gaussian as wide as the middle of its box, 1 in the
cell of its centre. Cells near the peak also learn the box: the distances to its four sides, in
pixels of the network's input. Where two figures of a class want the same cell, the one whose
peak is higher there has it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.example import Boxes, Truth
from training.grid import CELL_PX, COLUMNS, HEIGHT_PX, LABELS, ROWS, WIDTH_PX

Map = NDArray[np.float32]
PEAK = 0.54  # the peak's width as a share of the box, after TTFNet (arXiv 1909.00700)
SEEN = 0.3  # figures less visible than this are neither learned nor unlearned
GLIMPSED = 0.05  # and below this they are not there
NEAR = 0.2  # a cell is near a figure whose Gaussian is at least this high


class Targets(NamedTuple):
    """Maps of `ROWS` x `COLUMNS` cells, one for each class."""

    heat: Map  # (classes, rows, columns), 0..1
    ignored: Map  # (classes, rows, columns): 1 where nothing is to be learned, else 0
    sides: Map  # (classes, 4, rows, columns): left, top, right, bottom in pixels
    weight: Map  # (classes, rows, columns): how much the cell's sides count; a figure's sum to 1


def encode(truth: Truth) -> Targets:
    shape = len(LABELS), ROWS, COLUMNS
    heat, ignored = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    sides = np.zeros((len(LABELS), 4, ROWS, COLUMNS), np.float32)
    weight = np.zeros(shape, np.float32)
    scale = np.array([WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX], np.float32)
    for kind, visible, box in zip(truth.kinds, truth.visible, truth.boxes * scale, strict=True):
        peak = _peak(box)
        if visible >= SEEN:
            mine = (peak > heat[kind]) & (peak >= NEAR)
            sides[kind][:, mine] = _sides(box)[:, mine]
            weight[kind][mine] = peak[mine] / peak[mine].sum()
            heat[kind] = np.maximum(heat[kind], peak)
        elif visible >= GLIMPSED:
            ignored[kind][peak >= NEAR] = 1
    ignored[heat >= NEAR] = 0
    return Targets(heat, ignored, sides, weight)


def _peak(box: Boxes) -> Map:
    """(rows, columns): the Gaussian of one box in pixels."""
    centre = (box[:2] + box[2:]) / 2 / CELL_PX
    column, row = np.clip(centre.astype(int), 0, (COLUMNS - 1, ROWS - 1))
    wide, high = (PEAK * (box[2:] - box[:2]) / CELL_PX + 1) / 6
    across = np.exp(-((np.arange(COLUMNS) - column) ** 2) / (2 * wide**2))
    down = np.exp(-((np.arange(ROWS) - row) ** 2) / (2 * high**2))
    return np.asarray(down[:, None] * across[None], np.float32)


def _sides(box: Boxes) -> Map:
    """(4, rows, columns): from each cell's middle to the box's sides, in pixels."""
    x = np.broadcast_to((np.arange(COLUMNS, dtype=np.float32) + 0.5) * CELL_PX, (ROWS, COLUMNS))
    y = np.broadcast_to(
        (np.arange(ROWS, dtype=np.float32)[:, None] + 0.5) * CELL_PX, (ROWS, COLUMNS)
    )
    return np.stack([x - box[0], y - box[1], box[2] - x, box[3] - y])
