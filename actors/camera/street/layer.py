"""What is pasted into pictures (pure): planes, and where they hide what is below."""

from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.street.picture import to_i420
from bus.pixels import Plane


class Layer(NamedTuple):
    """Premultiplied planes with their alphas; `left` and `top` are from the foot, in px, even."""

    y: Plane
    u: Plane
    v: Plane
    alpha: Plane
    chroma_alpha: Plane
    left: int
    top: int


def layer(pixels: Plane, left: int, top: int) -> Layer:
    """Premultiplied BGRA with even sides as premultiplied planes."""
    height, width = pixels.shape[:2]
    alpha = np.asarray(cv2.extractChannel(pixels, 3), np.uint8)
    size = width // 2, height // 2
    small = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.uint8)
    y, u, v = to_i420(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), np.uint8))
    return Layer(
        y=_premultiplied(y, alpha, 16),
        u=_premultiplied(u, small, 128),
        v=_premultiplied(v, small, 128),
        alpha=alpha,
        chroma_alpha=small,
        left=left,
        top=top,
    )


def _premultiplied(plane: Plane, alpha: Plane, black: int) -> Plane:
    """What black adds to each value, only as far as there is something."""
    return np.asarray(cv2.addWeighted(plane, 1, alpha, black / 255, -black), np.uint8)
