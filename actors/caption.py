"""Words on a picture: white with a dark edge, on all three planes, in place (pure)."""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bus.pixels import I420, Plane
from bus.sizes import chroma_size

FONT = cv2.FONT_HERSHEY_SIMPLEX
LETTER_SHARE = 1 / 30  # a capital letter's height, of the picture's
SMALLEST_LETTER_PX = 9
LETTER_AT_SCALE_1_PX = 22
LINE_SPACING = 1.7
WHITE, DARK, NEUTRAL = 235, 16, 128
OPAQUE = 64  # weights are 0..64, so that a weighted byte fits 16 bits
MASKS = 32

Weights = NDArray[np.int16]


class Style(NamedTuple):
    """Sizes that fit one picture."""

    letter_px: int
    scale: float
    stroke_px: int
    edge_px: int


class Place(Enum):
    """Where the words stand. The overlay writes at the top, who shows its pictures below."""

    TOP = "top"
    BOTTOM = "bottom"


class Block(NamedTuple):
    """Lines set for one size of picture: how much of each pixel from `top` on is what."""

    top: int  # even
    edge: Weights
    letters: Weights
    chroma: Weights


def caption(picture: I420, text: str, place: Place = Place.BOTTOM) -> None:
    """Write `text` over the left of a picture of any size, on as many lines as it takes.

    Letters other than ASCII are drawn as `?`; lines that do not fit in height are left out at
    the end. Drawing is in place: the picture must be writable.
    """
    block = _set(text, picture.width, picture.height, place)
    luma = picture.y[block.top :]
    _blend(luma, DARK, block.edge)
    _blend(luma, WHITE, block.letters)
    for plane in (picture.u, picture.v):
        _blend(plane[block.top // 2 :], NEUTRAL, block.chroma)


def _blend(pixels: Plane, value: int, weights: Weights) -> None:
    rows, columns = weights.shape
    region = pixels[:rows, :columns]
    region[:] = region + (value - region.astype(np.int16)) * weights // OPAQUE


@lru_cache(MASKS)
def _set(text: str, width: int, height: int, place: Place) -> Block:
    """The same words are drawn on frame after frame, so they are set once."""
    style = _style(height)
    plain = text.encode("ascii", "replace").decode()
    lines = [line for part in plain.split("\n") for line in _wrap(part, width, style)]
    line_px = round(style.letter_px * LINE_SPACING)
    lines = lines[: max(1, (height - style.letter_px) // line_px)]
    block_px = min(height, len(lines) * line_px + style.letter_px)
    top = (height - block_px) & ~1 if place is Place.BOTTOM else 0
    letters = np.zeros((min(height - top, block_px + 1), width), np.uint8)
    for at, line in enumerate(lines):
        corner = style.letter_px, (at + 1) * line_px
        cv2.putText(letters, line, corner, FONT, style.scale, (255,), style.stroke_px, cv2.LINE_AA)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * style.edge_px + 1,) * 2)
    edge = cv2.dilate(letters, kernel)
    chroma = cv2.resize(edge, chroma_size(width, len(edge)), interpolation=cv2.INTER_AREA)
    return Block(top, *(_weights(mask) for mask in (edge, letters, chroma)))


def _weights(mask: NDArray[np.generic]) -> Weights:
    used = np.flatnonzero(mask.any(axis=0))
    right = int(used[-1]) + 1 if used.size else 0
    return (mask[:, :right].astype(np.int16) * OPAQUE + 127) // 255


def _style(height: int) -> Style:
    letter_px = max(SMALLEST_LETTER_PX, round(height * LETTER_SHARE))
    stroke_px = max(1, round(letter_px / 10))
    return Style(letter_px, letter_px / LETTER_AT_SCALE_1_PX, stroke_px, max(1, stroke_px))


def _wrap(text: str, width: int, style: Style) -> list[str]:
    """Lines that fit between the margins; a word that does not is cut by the edge."""
    room_px = width - 2 * style.letter_px
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and _width(longer, style) > room_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _width(text: str, style: Style) -> int:
    (width, _), _ = cv2.getTextSize(text, FONT, style.scale, style.stroke_px)
    return int(width)
