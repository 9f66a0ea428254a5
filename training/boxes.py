"""Geometry of boxes (pure). A box is x0, y0, x1, y1 in any unit."""

import numpy as np

from training.example import Boxes


def areas(boxes: Boxes) -> Boxes:
    """(n,), zero for what is turned inside out."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def overlaps(ones: Boxes, others: Boxes) -> Boxes:
    """Intersection over union of each with each, (n, m)."""
    low = np.maximum(ones[:, None, :2], others[None, :, :2])
    high = np.minimum(ones[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    union = areas(ones)[:, None] + areas(others)[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-12), np.float32)
