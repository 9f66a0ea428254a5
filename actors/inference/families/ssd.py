"""SSD with its decoding and suppression inside: one output `[1, 1, N, 7]` (pure).

Rows are image_id, class, confidence, x_min, y_min, x_max, y_max with corners as fractions of
the input. A negative image_id ends the list (OpenVINO operation set, DetectionOutput).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from actors.package.reading import Package
from bus.messages import Box

ROW = 7
IMAGE, SCORE = 0, 2


def fits(shapes: Sequence[tuple[int, ...]]) -> bool:
    match [tuple(shape) for shape in shapes]:
        case [(1, 1, _, 7)]:
            return True
    return False


def decode(
    outputs: dict[str, NDArray[np.float32]], package: Package, threshold: float
) -> list[Box]:
    """Boxes with at least `threshold` confidence, in the model's order, cut to the frame.

    A label that has a threshold of its own in the package is held to that instead.
    """
    own = package.thresholds
    (rows,) = outputs.values()
    rows = rows.reshape(-1, ROW)
    lowest = min(threshold, *own.values()) if own else threshold
    told = (rows[:, SCORE] >= lowest) | (rows[:, IMAGE] < 0)
    boxes = []
    for image, class_id, score, *corners in rows[told].tolist():
        if image < 0:
            break
        label = package.label(int(class_id))
        if own and score < np.float32(own.get(label, threshold)):  # in 32 bits, as above
            continue
        x0, y0, x1, y1 = map(_within, corners)
        if x1 > x0 and y1 > y0:
            boxes.append(Box(label, score, x0, y0, x1, y1))
    return boxes


def _within(corner: float) -> float:
    return corner if 0 < corner < 1 else float(corner >= 1)
