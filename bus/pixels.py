"""I420 pictures as three planes, and the one conversion people ask for.

I420 (planar YUV 4:2:0, BT.601, studio range 16..235) is what decoders make and encoders
eat. Luma is `(height, width)`; each chroma plane is half of that, rounded up, so odd
sizes are legal. All planes are uint8 and C-contiguous.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bus.sizes import chroma_size, size_bytes

Plane = NDArray[np.uint8]


class I420(NamedTuple):
    """Three planes of one picture. Whoever made them owns the memory."""

    y: Plane
    u: Plane
    v: Plane

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    def copy_from(self, other: "I420") -> None:
        """Overwrite with another picture of the same size."""
        for mine, theirs in zip(self, other, strict=True):
            mine[:] = theirs

    def bgr(self) -> Plane:
        """A new `(height, width, 3)` BGR array, for people and their tools."""
        even = self.padded_to_even()
        stacked = np.concatenate([p.reshape(-1) for p in even]).reshape(-1, even.width)
        bgr = np.asarray(cv2.cvtColor(stacked, cv2.COLOR_YUV2BGR_I420), np.uint8)
        return bgr[: self.height, : self.width]

    def padded_to_even(self) -> "I420":
        """Itself, or a copy with the last row or column repeated to make both sides even."""
        odd = (0, self.height % 2), (0, self.width % 2)
        return (
            self if odd == ((0, 0), (0, 0)) else I420(np.pad(self.y, odd, "edge"), self.u, self.v)
        )


def planes(buffer: Plane, width: int, height: int) -> I420:
    """View the start of a flat uint8 buffer as a picture; nothing is copied."""
    luma, (cw, ch) = width * height, chroma_size(width, height)
    y = buffer[:luma].reshape(height, width)
    u = buffer[luma : luma + cw * ch].reshape(ch, cw)
    v = buffer[luma + cw * ch : luma + 2 * cw * ch].reshape(ch, cw)
    return I420(y, u, v)


def blank(width: int, height: int, luma: int = 16) -> I420:
    """A new grey picture in memory of its own."""
    picture = planes(np.full(size_bytes(width, height), 128, np.uint8), width, height)
    picture.y[:] = luma
    return picture
