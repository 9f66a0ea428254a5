"""How large a stream's pictures are, and pictures made smaller (pure)."""

import cv2
import numpy as np

from bus.pixels import I420, Plane
from bus.sizes import chroma_size

Size = tuple[int, int]  # width, height


def even(size: Size) -> Size:
    """The size that is encoded: 4:2:0 halves both sides, so an odd last row or column goes."""
    width, height = size
    return max(2, width & ~1), max(2, height & ~1)


def fit(size: Size, most_rows: int | None) -> Size:
    """The size with at most so many rows and the same shape; never a larger one."""
    width, height = size
    if most_rows is None or height <= most_rows:
        return size
    return max(2, round(width * most_rows / height / 2) * 2), most_rows


def resize(picture: I420, size: Size) -> I420:
    """A copy in another size."""
    chroma = chroma_size(*size)
    return I420(_resize(picture.y, size), _resize(picture.u, chroma), _resize(picture.v, chroma))


def _resize(plane: Plane, size: Size) -> Plane:
    """Linear, and by halves first where more than a half goes: no pixel is left out then.

    1920x1080 to 1280x720 takes 0.9 ms on one core, 3840x2160 1.5 ms; areas take 4.6 and 5.8 ms.
    """
    while plane.shape[0] > 2 * size[1]:
        half = max(1, plane.shape[1] // 2), plane.shape[0] // 2
        plane = np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.uint8)
