"""From drawn colours to a camera's planes (pure)."""

import cv2
import numpy as np

from bus.pixels import I420, Plane, planes


def to_i420(bgr: Plane) -> I420:
    """A BGR picture with even sides as planes of its own."""
    height, width = bgr.shape[:2]
    stacked = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return planes(stacked.reshape(-1), width, height)
