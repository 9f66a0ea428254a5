"""Irregular surfaces (pure)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from bus.pixels import Plane

Floats = NDArray[np.float32]


def noise(size: tuple[int, int], random: np.random.Generator, coarse: int) -> Plane:
    """Smooth grey noise around 128, rows and columns, with blotches of about `coarse` px."""
    rows, columns = size[0] // coarse + 2, size[1] // coarse + 2
    small = random.integers(0, 256, (rows, columns), np.uint8)
    large = cv2.resize(small, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)
