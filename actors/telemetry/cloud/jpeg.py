"""A picture as JPEG that fits in so many bytes (pure)."""

from typing import NamedTuple

import cv2
import numpy as np

from bus.pixels import Plane

QUALITIES = (90, 80, 65, 50)  # then it is made smaller
SHRINK = 0.75


class Jpeg(NamedTuple):
    data: bytes
    width: int
    height: int
    quality: int


def fitted(bgr: Plane, most_bytes: int, most_width: int | None = None) -> Jpeg:
    """As large and as good as fits, never larger than it is. `ValueError` if nothing fits."""
    height, width = bgr.shape[:2]
    scale = min(1.0, most_width / width) if most_width else 1.0
    while True:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = bgr if size == (width, height) else _scaled(bgr, size)
        for quality in QUALITIES:
            data = encoded(picture, quality)
            if len(data) <= most_bytes:
                return Jpeg(data, *size, quality)
        if size == (1, 1):
            raise ValueError(f"no JPEG has at most {most_bytes} bytes")
        scale *= SHRINK


def encoded(bgr: Plane, quality: int) -> bytes:
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def _scaled(bgr: Plane, size: tuple[int, int]) -> Plane:
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
