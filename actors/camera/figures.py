"""The scene's figures as cut-out pictures (pure): drawn once, large, then made small."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.street import to_i420
from bus.pixels import I420, Plane

Colour = tuple[int, int, int]  # BGR
Point = tuple[float, float]  # fractions of the figure's own width and height

OUTLINE: Colour = (40, 36, 34)
GLASS: Colour = (200, 180, 150)
TYRE: Colour = (35, 35, 35)
SKIN: tuple[Colour, ...] = ((150, 185, 225), (95, 130, 180), (60, 85, 125), (175, 205, 240))
CLOTHES: tuple[Colour, ...] = (
    (60, 60, 190),
    (160, 90, 40),
    (70, 140, 70),
    (40, 150, 210),
    (140, 70, 130),
    (90, 90, 95),
)
PAINT: tuple[Colour, ...] = ((45, 45, 180), (170, 110, 50), (225, 225, 225), (70, 150, 80))
OVERSIZE = 2
LARGEST_PX = 2400  # no side is drawn larger than this, however large the figure
SMALLEST_TEXT_PX = 5
HALF = 127  # opaque from here on


class Sprite(NamedTuple):
    """A figure cut out: its pixels, and which of them belong to it."""

    picture: I420
    mask: Plane  # of luma's size: 1 where the figure is, else 0
    chroma_mask: Plane
    area: int  # pixels that belong to it
    bounds: tuple[int, int, int, int]  # left, top, right, bottom of those pixels

    @property
    def width(self) -> int:
        return self.picture.width

    @property
    def height(self) -> int:
        return self.picture.height


class Canvas:
    """A large transparent picture to draw one figure on, in fractions of its sides."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels = np.zeros((height, width, 4), np.uint8)
        self.pixels[..., :3] = OUTLINE

    def _at(self, point: Point) -> tuple[int, int]:
        height, width = self.pixels.shape[:2]
        return round(point[0] * width), round(point[1] * height)

    def shape(self, colour: Colour, *points: Point) -> None:
        corners = np.array([self._at(point) for point in points], np.int32)
        cv2.fillPoly(self.pixels, [corners], (*colour, 255), cv2.LINE_AA)

    def box(self, colour: Colour, left: float, top: float, right: float, bottom: float) -> None:
        self.shape(colour, (left, top), (right, top), (right, bottom), (left, bottom))

    def line(self, colour: Colour, thick: float, *points: Point) -> None:
        """A line with round ends, `thick` in figure heights."""
        px = max(1, round(thick * self.pixels.shape[0]))
        corners = np.array([self._at(point) for point in points], np.int32)
        cv2.polylines(self.pixels, [corners], False, (*colour, 255), px, cv2.LINE_AA)  # noqa: FBT003 open, not closed

    def disc(self, colour: Colour, centre: Point, radius: float, thick: float = 0.0) -> None:
        """A disc, or a ring if it is `thick`; both measures in figure heights."""
        height = self.pixels.shape[0]
        px = max(1, round(thick * height)) if thick else -1
        radius_px = max(1, round(radius * height))
        cv2.circle(self.pixels, self._at(centre), radius_px, (*colour, 255), px, cv2.LINE_AA)


def person(canvas: Canvas, look: np.random.Generator, phase: float) -> None:
    """Somebody walking right; `phase` is 0..1 of a step."""
    skin, shirt, trousers = _pick(look, SKIN), _pick(look, CLOTHES), _pick(look, CLOTHES)
    swing = 0.34 * np.sin(2 * np.pi * phase)
    for side, shade in ((-1, 0.75), (1, 1.0)):  # the far side is darker
        foot = 0.48 + side * swing
        leg, arm, hand = (_shaded(colour, shade) for colour in (trousers, shirt, skin))
        canvas.line(leg, 0.085, (0.5, 0.52), (0.52 + side * swing / 2, 0.74), (foot, 0.93))
        canvas.line(OUTLINE, 0.05, (foot, 0.965), (foot + 0.1, 0.965))
        canvas.line(arm, 0.06, (0.5, 0.24), (0.5 - 0.6 * side * swing, 0.4))
        canvas.line(hand, 0.045, (0.5 - 0.6 * side * swing, 0.41), (0.55 - side * swing, 0.5))
    canvas.line(shirt, 0.17, (0.5, 0.26), (0.5, 0.48))
    canvas.disc(skin, (0.5, 0.09), 0.075)
    canvas.shape(OUTLINE, (0.32, 0.09), (0.34, 0.03), (0.5, 0.005), (0.66, 0.035), (0.62, 0.06))


def car(canvas: Canvas, look: np.random.Generator, phase: float) -> None:
    """A car driving right."""
    paint = _pick(look, PAINT)
    canvas.shape(paint, (0.2, 0.42), (0.32, 0.04), (0.66, 0.04), (0.8, 0.42))
    canvas.shape(GLASS, (0.26, 0.4), (0.345, 0.11), (0.48, 0.11), (0.48, 0.4))
    canvas.shape(GLASS, (0.51, 0.4), (0.51, 0.11), (0.645, 0.11), (0.735, 0.4))
    body = (0.01, 0.45), (0.05, 0.38), (0.8, 0.38), (0.97, 0.48), (0.99, 0.8), (0.01, 0.8)
    canvas.shape(paint, *body)
    canvas.box((120, 235, 250), 0.95, 0.5, 0.985, 0.6)
    canvas.box((40, 40, 210), 0.012, 0.46, 0.035, 0.6)
    for centre in (0.21, 0.79):
        _wheel(canvas, (centre, 0.79), 0.19, phase)


def bus(canvas: Canvas, look: np.random.Generator, phase: float) -> None:
    """A bus driving right."""
    paint = _pick(look, PAINT)
    canvas.shape(paint, (0.01, 0.06), (0.03, 0.01), (0.97, 0.01), (0.99, 0.08), (0.99, 0.88))
    canvas.shape(paint, (0.01, 0.06), (0.99, 0.08), (0.99, 0.88), (0.01, 0.88))
    for left in np.arange(0.04, 0.8, 0.135):
        canvas.box(GLASS, left, 0.14, left + 0.11, 0.46)
    canvas.box(GLASS, 0.87, 0.14, 0.985, 0.5)
    canvas.box((120, 235, 250), 0.965, 0.68, 0.988, 0.76)
    for centre in (0.18, 0.82):
        _wheel(canvas, (centre, 0.87), 0.125, phase)


def bicycle(canvas: Canvas, look: np.random.Generator, phase: float) -> None:
    """A bicycle rolling right; its rider is a figure of its own."""
    paint = _pick(look, CLOTHES)
    for centre in ((0.21, 0.66), (0.79, 0.66)):
        canvas.disc(TYRE, centre, 0.3, 0.06)
        turn = np.array([np.cos(2 * np.pi * phase), np.sin(2 * np.pi * phase)])
        for spoke in (turn, turn[::-1] * (1, -1)):
            x, y = spoke * (0.17, 0.28)
            ends = (centre[0] - x, centre[1] - y), (centre[0] + x, centre[1] + y)
            canvas.line((150, 150, 150), 0.02, *ends)
    canvas.line(paint, 0.055, (0.21, 0.66), (0.45, 0.66), (0.7, 0.26), (0.36, 0.28), (0.21, 0.66))
    canvas.line(paint, 0.055, (0.33, 0.14), (0.45, 0.66))
    canvas.line(paint, 0.055, (0.79, 0.66), (0.68, 0.08), (0.76, 0.05))
    canvas.line(TYRE, 0.07, (0.27, 0.12), (0.4, 0.12))


def rider(canvas: Canvas, look: np.random.Generator, phase: float) -> None:
    """A person as they sit on a bicycle."""
    skin, shirt, trousers = _pick(look, SKIN), _pick(look, CLOTHES), _pick(look, CLOTHES)
    knee = 0.06 * np.sin(2 * np.pi * phase)
    canvas.line(trousers, 0.1, (0.26, 0.56), (0.62, 0.66 + knee), (0.5, 0.94 + knee / 2))
    canvas.line(shirt, 0.2, (0.27, 0.5), (0.45, 0.26))
    canvas.line(skin, 0.06, (0.5, 0.26), (0.7, 0.42), (0.94, 0.4))
    canvas.disc(skin, (0.56, 0.095), 0.085)
    canvas.shape((60, 190, 240), (0.34, 0.08), (0.44, 0.01), (0.66, 0.005), (0.78, 0.07))


class Kind(NamedTuple):
    """What a figure is called and how it is drawn."""

    label: str
    wide: float  # its width, in heights
    text_at: Point
    draw: Callable[[Canvas, np.random.Generator, float], None]


KINDS = {
    "person": Kind("person", 0.42, (0.5, 0.36), person),
    "car": Kind("car", 2.3, (0.47, 0.6), car),
    "bus": Kind("bus", 2.5, (0.5, 0.64), bus),
    "bicycle": Kind("bicycle", 1.6, (0.5, 0.42), bicycle),
    "rider": Kind("person", 0.72, (0.38, 0.4), rider),
}


def sprite(kind: Kind, height: int, look: int, phase: float, *, leftward: bool) -> Sprite:
    """Cut out one figure, `height` pixels high; the same arguments give the same pixels."""
    height = max(4, height // 2 * 2)
    width = max(4, round(height * kind.wide) // 2 * 2)
    scale = max(1, min(OVERSIZE, LARGEST_PX // max(width, height)))
    canvas = Canvas(width * scale, height * scale)
    kind.draw(canvas, np.random.default_rng(look), phase)
    large = canvas.pixels[:, ::-1] if leftward else canvas.pixels
    small = np.asarray(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    bgr, opaque = np.ascontiguousarray(small[..., :3]), small[..., 3].copy()
    across, down = kind.text_at
    _write(bgr, opaque, kind.label, (1 - across if leftward else across, down))
    mask = (opaque > HALF).astype(np.uint8)
    quarters = opaque.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    chroma_mask = (quarters > HALF).astype(np.uint8)
    left, top, wide_px, high_px = cv2.boundingRect(mask)
    bounds = left, top, left + wide_px, top + high_px
    return Sprite(to_i420(bgr, width, height), mask, chroma_mask, cv2.countNonZero(mask), bounds)


def _write(bgr: Plane, opaque: Plane, text: str, at: Point) -> None:
    """The label on a pale sign that becomes part of the figure, as wide as there is room."""
    height, width = opaque.shape
    font = cv2.FONT_HERSHEY_SIMPLEX
    (wide, high), _ = cv2.getTextSize(text, font, 1.0, 2)
    scale = min(0.62 * width / wide, 0.16 * height / high, 2.0)
    if high * scale < SMALLEST_TEXT_PX:
        return
    text_width, text_height = round(wide * scale), round(high * scale)
    left, middle = round(at[0] * width - text_width / 2), round(at[1] * height)
    left = max(2, min(left, width - text_width - 2))
    top, bottom = middle - text_height // 2, middle + text_height - text_height // 2
    edge = max(1, text_height // 4)
    rows = slice(max(0, top - edge), bottom + edge)
    sign = rows, slice(max(0, left - edge), left + text_width + edge)
    bgr[sign], opaque[sign] = (240, 240, 240), 255
    thick = max(1, round(2 * scale))
    cv2.putText(bgr, text, (left, bottom), font, scale, OUTLINE, thick, cv2.LINE_AA)


def _wheel(canvas: Canvas, centre: Point, radius: float, phase: float) -> None:
    canvas.disc(TYRE, centre, radius)
    canvas.disc((190, 190, 190), centre, radius * 0.55)
    height, width = canvas.pixels.shape[:2]
    x = radius * 0.4 * np.cos(2 * np.pi * phase) * height / width
    y = radius * 0.4 * np.sin(2 * np.pi * phase)
    canvas.disc(TYRE, (centre[0] + x, centre[1] + y), radius * 0.12)


def _shaded(colour: Colour, share: float) -> Colour:
    blue, green, red = (round(part * share) for part in colour)
    return blue, green, red


def _pick(look: np.random.Generator, among: tuple[Colour, ...]) -> Colour:
    return among[look.integers(len(among))]
