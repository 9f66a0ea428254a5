"""A transparent picture to draw one thing on (pure), in lengths of its own around its foot."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bus.pixels import Plane

Colour = tuple[float, float, float]  # BGR
Point = tuple[float, float]  # right and down from the foot
Extent = tuple[float, float, float, float]  # left, top, right, bottom
Points = Iterable[Point] | NDArray[np.float64]
SHIFT = 4  # bits of a pixel's fraction


class Canvas:
    """Premultiplied BGRA in `pixels`, what shines at night in `glow`, both (rows, columns, 4)."""

    def __init__(self, extent: Extent, unit_px: float, *, shines: bool = True) -> None:
        left, top, right, bottom = extent
        self.unit_px = unit_px
        self.left, self.top = left, top
        self._corner = np.array((left, top), np.float64)
        shape = max(2, round((bottom - top) * unit_px)), max(2, round((right - left) * unit_px)), 4
        self.pixels: Plane = np.zeros(shape, np.uint8)
        self.glow: Plane | None = None
        self._shines = shines

    def poly(self, colour: Colour, points: Points) -> None:
        cv2.fillPoly(self.pixels, [self._at(points)], (*colour, 255), cv2.LINE_AA, shift=SHIFT)

    def smooth(self, colour: Colour, points: Sequence[Point]) -> None:
        """A closed curve through all points."""
        self.poly(colour, curve(points))

    def box(self, colour: Colour, left: float, top: float, right: float, bottom: float) -> None:
        self.poly(colour, ((left, top), (right, top), (right, bottom), (left, bottom)))

    def line(self, colour: Colour, thick: float, *points: Point) -> None:
        """A line with round ends."""
        px = max(1, round(thick * self.unit_px))
        cv2.polylines(
            self.pixels,
            [self._at(points)],
            isClosed=False,
            color=(*colour, 255),
            thickness=px,
            lineType=cv2.LINE_AA,
            shift=SHIFT,
        )

    def disc(self, colour: Colour, centre: Point, radius: float, tall: float = 1.0) -> None:
        """A disc, or an ellipse `tall` times as high as wide."""
        self.poly(colour, ring(centre, radius, tall))

    def shine(self, colour: Colour, points: Points, strength: float = 1.0) -> None:
        """What is bright at night, whatever the light. Left out where nobody asks for it."""
        if not self._shines:
            return
        if self.glow is None:
            self.glow = np.zeros_like(self.pixels)
        full = *(part * strength for part in colour), 255 * strength
        cv2.fillPoly(self.glow, [self._at(points)], full, cv2.LINE_AA, shift=SHIFT)

    def shade(self, first: float, last: float, *, down: bool = False) -> None:
        """Make all that is drawn lighter or darker, from left to right or from top to bottom.

        Up to twice as light; a colour stays within its alpha.
        """
        rows, columns = self.pixels.shape[:2]
        gain = np.linspace(first, last, rows if down else columns, dtype=np.float32)
        alpha = np.asarray(cv2.extractChannel(self.pixels, 3), np.uint8)
        x, y, wide, high = cv2.boundingRect(alpha)
        place = slice(y, y + high), slice(x, x + wide)
        part, alpha = self.pixels[place], np.ascontiguousarray(alpha[place])
        gain = gain[place[0], None] if down else gain[None, place[1]]
        steps = np.broadcast_to((gain * 128).astype(np.uint8), alpha.shape)
        lit = cv2.multiply(part, cv2.merge([steps] * 4), scale=1 / 128)
        lit = cv2.min(lit, cv2.merge([alpha] * 4))
        cv2.insertChannel(alpha, lit, 3)
        part[:] = lit

    def _at(self, points: Points) -> NDArray[np.int32]:
        place = points if isinstance(points, np.ndarray) else np.array(list(points), np.float64)
        place = ((place - self._corner) * self.unit_px - 0.5) * (1 << SHIFT)
        return np.rint(place).astype(np.int32)


def ring(centre: Point, radius: float, tall: float = 1.0, corners: int = 28) -> NDArray[np.float64]:
    """Rows of points, right and down."""
    return _circle(corners) * (radius, radius * tall) + centre


@lru_cache
def _circle(corners: int) -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.stack((np.cos(turn), np.sin(turn)), axis=1)


def curve(points: Sequence[Point], steps: int = 6) -> NDArray[np.float64]:
    """A Catmull-Rom curve, closed, with `steps` corners from one point to the next."""
    at = np.array(points, np.float64)
    round_about = np.concatenate([at[-1:], at, at[:2]])[:, None]
    p0, p1, p2, p3 = (round_about[first : first + len(at)] for first in range(4))
    share, square, cube = _powers(steps)
    found = 0.5 * (
        2 * p1
        + (p2 - p0) * share
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * square
        + (3 * p1 - p0 - 3 * p2 + p3) * cube
    )
    return np.asarray(found.reshape(-1, 2), np.float64)


@lru_cache
def _powers(steps: int) -> tuple[NDArray[np.float64], ...]:
    share = (np.arange(steps) / steps)[None, :, None]
    return share, share**2, share**3


def shaded(colour: Colour, share: float) -> Colour:
    blue, green, red = (min(255.0, part * share) for part in colour)
    return blue, green, red
