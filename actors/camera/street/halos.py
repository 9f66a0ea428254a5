"""What shines at night, each light with a soft halo (pure)."""

from collections.abc import Iterator

import cv2
import numpy as np

from actors.camera.street.layer import Layer, layer
from bus.pixels import Plane

FAINT = 3  # light that nobody sees
GAP_PX = 2  # dark columns that are more than the edges of layers take


def halos(pixels: Plane, left: int, top: int) -> tuple[Layer, ...]:
    """Lights, each with a soft halo that reaches beyond what shines."""
    reach = max(8, pixels.shape[0] // 48 * 8)
    padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)))
    height, width = padded.shape[:2]
    small = cv2.resize(padded, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), reach / 10.4).astype(np.float32) * 1.1
    soft += cv2.GaussianBlur(small, (0, 0), max(0.5, reach / 42)).astype(np.float32) * 0.75
    soft *= np.minimum(1, 235 / np.maximum(soft[..., 3:], 1))
    soft = np.minimum(soft, soft[..., 3:]).astype(np.uint8)
    large = np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    layers = []
    for x, y, wide, high in _lights(large):
        x0, y0 = x // 2 * 2, y // 2 * 2
        part = large[y0 : (y + high + 1) // 2 * 2, x0 : (x + wide + 1) // 2 * 2]
        layers.append(layer(part, left - reach + x0, top - reach + y0))
    return tuple(layers)


def _lights(pixels: Plane) -> Iterator[tuple[int, int, int, int]]:
    """What shines without a gap: left, top, width, height of each."""
    alpha = cv2.extractChannel(pixels, 3)
    bright = np.asarray(cv2.threshold(alpha, FAINT, 1, cv2.THRESH_BINARY)[1], np.uint8)
    lit = np.flatnonzero(bright.any(axis=0))
    for run in np.split(lit, np.flatnonzero(np.diff(lit) > GAP_PX) + 1):
        if run.size:
            start = int(run[0])
            columns = np.ascontiguousarray(bright[:, start : int(run[-1]) + 1])
            for x, y, wide, high, _ in cv2.connectedComponentsWithStats(columns)[2][1:].tolist():
                yield start + x, y, wide, high
