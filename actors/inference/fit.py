"""From a frame to a model's input (pure): planes are resized first, then converted.

Measured on 2 cores of an AMD EPYC, 1280x720 to 256x256, one thread, median: planes first
0.19 ms; BGR first, then resize 0.67 ms; OpenVINO's own resize inside the graph 0.77 ms more
inference (and the 0.5 ms of a full-size conversion before it). So the big picture is only
ever read as luma and quarter-size chroma. Repeat with `python -m benchmarks.fit`.
"""

import cv2
import numpy as np

from bus.pixels import I420, Plane

cv2.setNumThreads(1)  # the small picture is done before a second thread has woken


class Fit:
    """Fills one input tensor `(1, height, width, 3)` uint8; keeps its scratch memory."""

    def __init__(self, tensor: Plane, colour: str) -> None:
        _, self._height, self._width, _ = tensor.shape
        even = self._height + self._height % 2, self._width + self._width % 2
        self._planes = np.empty((even[0] * 3 // 2, even[1]), np.uint8)
        luma = even[0] * even[1]
        flat, chroma = self._planes.reshape(-1), (even[0] // 2, even[1] // 2)
        self._small = I420(
            flat[:luma].reshape(even),
            flat[luma : luma + luma // 4].reshape(chroma),
            flat[luma + luma // 4 :].reshape(chroma),
        )
        self._out = tensor[0]
        self._whole = even == (self._height, self._width)
        self._code = cv2.COLOR_YUV2RGB_I420 if colour == "RGB" else cv2.COLOR_YUV2BGR_I420

    def fill(self, picture: I420) -> None:
        """Stretch `picture` over the tensor, bilinear."""
        for big, small in zip(picture, self._small, strict=True):
            cv2.resize(big, small.shape[::-1], dst=small, interpolation=cv2.INTER_LINEAR)
        if self._whole:
            cv2.cvtColor(self._planes, self._code, dst=self._out)
        else:
            self._out[:] = cv2.cvtColor(self._planes, self._code)[: self._height, : self._width]
