"""Boxes on I420 planes, in place (pure): nothing is converted, so only lines are paid for."""

import zlib
from collections.abc import Iterable
from typing import NamedTuple

import cv2

from bus.messages import Box
from bus.pixels import I420

FONT = cv2.FONT_HERSHEY_SIMPLEX
BLACK, WHITE, NEUTRAL = 16, 235, 128


class Colour(NamedTuple):
    """BT.601 studio-range luma and chroma."""

    y: int
    u: int
    v: int


def from_bgr(blue: int, green: int, red: int) -> Colour:
    """ITU-R BT.601, 8 bits, studio range."""
    luma = (65.481 * red + 128.553 * green + 24.966 * blue) / 255 + 16
    u = (-37.797 * red - 74.203 * green + 112.0 * blue) / 255 + 128
    v = (112.0 * red - 93.786 * green - 18.214 * blue) / 255 + 128
    return Colour(round(luma), round(u), round(v))


# Percept's 18 label colours (BGR), so that its users find theirs again.
PALETTE = [
    from_bgr(*bgr)
    for bgr in (
        (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
        (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
        (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    )
]  # fmt: skip


def colour_of(label: str) -> Colour:
    """The same colour for the same label, in every process and run."""
    return PALETTE[zlib.crc32(label.encode()) % len(PALETTE)]


def draw(picture: I420, boxes: Iterable[Box]) -> None:
    """Each box with its label and score, as thick as the picture's size asks for."""
    thick = max(2, picture.height // 360 * 2)
    for box in boxes:
        x0, x1 = _even(box.x0 * picture.width), _even(box.x1 * picture.width)
        y0, y1 = _even(box.y0 * picture.height), _even(box.y1 * picture.height)
        colour = colour_of(box.label)
        for left, top, right, bottom in (
            (x0, y0, x1, y0 + thick),
            (x0, y1 - thick, x1, y1),
            (x0, y0, x0 + thick, y1),
            (x1 - thick, y0, x1, y1),
        ):
            fill(picture, (left, top, right, bottom), colour)
        _tag(picture, f"{box.label} {box.score:.2f}", (x0, y0), colour)


def fill(picture: I420, area: tuple[int, int, int, int], colour: Colour) -> None:
    """Paint left, top, right, bottom (even pixels; what lies outside is cut off)."""
    left, top, right, bottom = (max(0, side) for side in area)
    picture.y[top:bottom, left:right] = colour.y
    for plane, value in ((picture.u, colour.u), (picture.v, colour.v)):
        plane[top // 2 : (bottom + 1) // 2, left // 2 : (right + 1) // 2] = value


def _tag(picture: I420, text: str, corner: tuple[int, int], colour: Colour) -> None:
    """The label on a plate of its colour, above the box or, at the top edge, inside it."""
    scale = max(0.4, picture.height / 1200)
    weight = 1 if scale < 0.9 else 2  # noqa: PLR2004 thicker strokes for larger letters
    (width, height), below = cv2.getTextSize(text, FONT, scale, weight)
    plate_px = _even(height + below + 4)
    left = max(0, min(corner[0], picture.width - width - 4))
    top = corner[1] - plate_px if corner[1] >= plate_px else corner[1]
    fill(picture, (left, top, left + _even(width + 5), top + plate_px), colour)
    ink = BLACK if colour.y > NEUTRAL else WHITE
    at = (left + 2, top + plate_px - below - 1)
    cv2.putText(picture.y, text, at, FONT, scale, ink, weight, cv2.LINE_AA)


def _even(value: float) -> int:
    return int(value) // 2 * 2
