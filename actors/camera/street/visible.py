"""How much of a figure is seen (pure)."""

from collections.abc import Iterable
from typing import NamedTuple

import cv2

from actors.camera.street.places import Corners, meet
from bus.pixels import Plane


class Mask(NamedTuple):
    """255 where something is, else 0, and its place."""

    pixels: Plane
    left: int
    top: int

    @property
    def corners(self) -> Corners:
        height, width = self.pixels.shape
        return self.left, self.top, self.left + width, self.top + height

    def within(self, place: Corners) -> Plane:
        """The part that lies in this rectangle, which it covers; nothing is copied."""
        left, top, right, bottom = place
        return self.pixels[top - self.top : bottom - self.top, left - self.left : right - self.left]


def seen_px(mask: Mask, window: Corners, hiders: Iterable[Mask]) -> int:
    """How many of a mask's pixels lie in a window and under none of the hiders."""
    place = meet(mask.corners, window)
    if place is None:
        return 0
    seen, own = mask.within(place), False
    for hider in hiders:
        met = meet(place, hider.corners)
        if met is not None:
            seen, own = seen if own else seen.copy(), True
            part = Mask(seen, place[0], place[1]).within(met)
            cv2.subtract(part, hider.within(met), part)
    return cv2.countNonZero(seen)
