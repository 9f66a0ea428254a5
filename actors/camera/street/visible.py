"""How much of a figure is seen (pure)."""

from collections.abc import Iterable
from typing import NamedTuple

import cv2

from actors.camera.street.places import Corners, meet
from bus.pixels import Plane


class Mask(NamedTuple):
    """255 where something is, else 0, and the place of these pixels."""

    pixels: Plane
    place: Corners

    def within(self, place: Corners) -> Plane:
        """The part that lies in this rectangle, which it covers; nothing is copied."""
        left, top, _, _ = self.place
        x0, y0, x1, y1 = place
        return self.pixels[y0 - top : y1 - top, x0 - left : x1 - left]


def mask_at(pixels: Plane, left: int, top: int) -> Mask:
    height, width = pixels.shape
    return Mask(pixels, (left, top, left + width, top + height))


def seen_px(mask: Mask, window: Corners, hiders: Iterable[Mask]) -> int:
    """How many of a mask's pixels lie in a window and under none of the hiders."""
    place = meet(mask.place, window)
    if place is None:
        return 0
    left, top, right, bottom = place
    near = [
        hider
        for hider in hiders
        for x0, y0, x1, y1 in (hider.place,)
        if x0 < right and x1 > left and y0 < bottom and y1 > top
    ]
    seen = Mask(mask.within(place).copy() if near else mask.within(place), place)
    for hider in near:
        met = meet(place, hider.place)
        if met is not None:
            part = seen.within(met)
            cv2.subtract(part, hider.within(met), part)
    return cv2.countNonZero(seen.pixels)
