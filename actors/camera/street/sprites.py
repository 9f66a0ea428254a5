"""Figures cut out for pasting (pure): drawn when first asked for, then kept for a while."""

from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.street.canvas import Canvas
from actors.camera.street.cast import SHINING, Pose, draw, lights_of
from actors.camera.street.halos import halos
from actors.camera.street.kept import Kept
from actors.camera.street.layer import Layer, layer
from bus.pixels import Plane

OVERSIZE = 2
LARGE_PX = 130  # from this size on, edges are smooth enough as they are drawn
HALF = 127  # opaque from here on
GLOWS_PART = 4  # lights are kept in this part of the bytes


class Sprite(NamedTuple):
    """A figure in one pose and size, without what shines."""

    body: Layer
    mask: Plane  # 255 where the figure is, else 0
    area: int  # its pixels
    bounds: tuple[int, int, int, int]  # left, top, right, bottom of them, in the layer


Glow = tuple[Layer, ...]


class Sprites:
    """The figures shown last, and their lights, as far as they take no more bytes than that."""

    def __init__(self, most_bytes: int) -> None:
        self._bodies = Kept(most_bytes, cut, _sprite_bytes)
        self._glows = Kept(most_bytes // GLOWS_PART, shine, _glow_bytes)

    def get(self, pose: Pose) -> Sprite:
        return self._bodies.get(pose)

    def glow(self, pose: Pose) -> Glow:
        """What shines at night, around the figure too."""
        return self._glows.get(lights_of(pose)) if pose.kind in SHINING else ()

    def prepare(self, pose: Pose, *, shines: bool) -> bool:
        """Make one thing of a figure's that is not kept; False if there is none."""
        if pose not in self._bodies:
            self._bodies.get(pose)
        elif shines and pose.kind in SHINING and lights_of(pose) not in self._glows:
            self.glow(pose)
        else:
            return False
        return True


def _sprite_bytes(sprite: Sprite) -> int:
    return sprite.mask.nbytes + _glow_bytes((sprite.body,))


def _glow_bytes(glow: Glow) -> int:
    return sum(plane.nbytes for layer in glow for plane in layer[:5])


def cut(pose: Pose) -> Sprite:
    """Draw a figure; the same pose gives the same pixels."""
    left, top, size = _frame(pose)
    pixels = _small(_drawn(pose, shines=False).pixels, size)
    spread = pose.blur_px // 2 + 1 if pose.blur_px > 1 else 0
    pixels, x, y = _cropped(pixels, spread)
    if pose.leftward:
        pixels, x = np.asarray(cv2.flip(pixels, 1), np.uint8), size[0] - x - pixels.shape[1]
    if pose.blur_px > 1:
        blurred = np.asarray(cv2.blur(pixels, (pose.blur_px, 1)), np.uint8)
        pixels, right, down = _cropped(blurred, 0)
        x, y = x + right, y + down
    body = layer(pixels, left + x, top + y)
    mask = np.asarray(cv2.threshold(body.alpha, HALF, 255, cv2.THRESH_BINARY)[1], np.uint8)
    x, y, wide, high = cv2.boundingRect(mask)
    return Sprite(body, mask, cv2.countNonZero(mask), (x, y, x + wide, y + high))


def shine(pose: Pose) -> Glow:
    """Draw a figure's lights; the same pose gives the same pixels."""
    left, top, size = _frame(pose)
    canvas = _drawn(pose, shines=True)
    if canvas.glow is None:
        return ()
    glow = _small(canvas.glow, size)
    return halos(np.asarray(cv2.flip(glow, 1), np.uint8) if pose.leftward else glow, left, top)


def _frame(pose: Pose) -> tuple[int, int, tuple[int, int]]:
    """Where the figure's canvas lies from the foot, px, and its width and height."""
    left, top, right, bottom = (2 * round(edge * pose.unit_px / 2) for edge in pose.extent)
    size = max(4, right - left), max(4, bottom - top)
    return -left - size[0] if pose.leftward else left, top, size


def _drawn(pose: Pose, *, shines: bool) -> Canvas:
    scale = OVERSIZE if pose.unit_px < LARGE_PX else 1
    canvas = Canvas(pose.extent, pose.unit_px * scale, shines=shines)
    draw(canvas, pose)
    return canvas


def _small(pixels: Plane, size: tuple[int, int]) -> Plane:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cropped(pixels: Plane, spread: int) -> tuple[Plane, int, int]:
    """The part that is not empty and `spread` px beside it, with even edges, and where it is."""
    height, width = pixels.shape[:2]
    x, y, wide, high = cv2.boundingRect(cv2.extractChannel(pixels, 3))
    x0, y0 = max(0, x - spread) // 2 * 2, y // 2 * 2
    x1, y1 = min(width, (x + wide + spread + 1) // 2 * 2), min(height, (y + high + 1) // 2 * 2)
    if wide == 0:  # nothing at all is 2 px of nothing
        x1, y1 = 2, 2
    return pixels[y0:y1, x0:x1], x0, y0
