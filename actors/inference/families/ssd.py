"""SSD with its decoding and suppression inside: one output `[1, 1, N, 7]` (pure).

Rows are image_id, class, confidence, x_min, y_min, x_max, y_max with corners as fractions of
the input. A negative image_id ends the list (OpenVINO operation set, DetectionOutput).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from actors.inference.package import Package
from bus.messages import Box

ROW = 7


def fits(shapes: Sequence[tuple[int, ...]]) -> bool:
    match [tuple(shape) for shape in shapes]:
        case [(1, 1, _, 7)]:
            return True
    return False


def decode(
    outputs: dict[str, NDArray[np.float32]], package: Package, threshold: float
) -> list[Box]:
    """Boxes with at least `threshold` confidence, in the model's order, cut to the frame."""
    (rows,) = outputs.values()
    rows = rows.reshape(-1, ROW)
    ends = np.flatnonzero(rows[:, 0] < 0)
    rows = rows[: ends[0]] if len(ends) else rows
    kept = rows[rows[:, 2] >= threshold]
    corners = np.clip(np.nan_to_num(kept[:, 3:]), 0.0, 1.0).astype(np.float64).round(5)
    return [
        Box(package.label(int(row[1])), round(float(row[2]), 4), *map(float, corner))
        for row, corner in zip(kept, corners, strict=True)
        if corner[2] > corner[0] and corner[3] > corner[1]
    ]
