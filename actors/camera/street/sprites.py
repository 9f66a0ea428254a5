"""Figures cut out for pasting (pure): drawn when first asked for, then kept for a while."""

from collections import OrderedDict
from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.street.canvas import Canvas
from actors.camera.street.cast import Pose, draw
from actors.camera.street.picture import to_i420
from bus.pixels import Plane

OVERSIZE = 2
LARGE_PX = 130  # from this size on, edges are smooth enough as they are drawn
HALF = 127  # opaque from here on
FAINT = 3  # light that nobody sees


class Layer(NamedTuple):
    """Premultiplied planes with their alphas; `left` and `top` are from the foot, in px, even."""

    y: Plane
    u: Plane
    v: Plane
    alpha: Plane
    chroma_alpha: Plane
    left: int
    top: int


class Sprite(NamedTuple):
    """A figure in one pose and size."""

    body: Layer
    glow: tuple[Layer, ...]  # what shines at night, around it too
    mask: Plane  # 255 where the figure is, else 0
    area: int  # its pixels
    bounds: tuple[int, int, int, int]  # left, top, right, bottom of them, in the layer


class Sprites:
    """A cache bounded in bytes."""

    def __init__(self, largest_bytes: int) -> None:
        self._largest_bytes, self._bytes = largest_bytes, 0
        self._kept: OrderedDict[Pose, Sprite] = OrderedDict()

    def get(self, pose: Pose) -> Sprite:
        found = self._kept.get(pose)
        if found is None:
            found = self._kept[pose] = cut(pose)
            self._bytes += size_bytes(found)
            while self._bytes > self._largest_bytes and len(self._kept) > 1:
                self._bytes -= size_bytes(self._kept.popitem(last=False)[1])
        else:
            self._kept.move_to_end(pose)
        return found


def size_bytes(sprite: Sprite) -> int:
    layers = [sprite.body, *sprite.glow]
    return sprite.mask.nbytes + sum(plane.nbytes for layer in layers for plane in layer[:5])


def cut(pose: Pose) -> Sprite:
    """Draw a figure; the same pose gives the same pixels."""
    left, top, right, bottom = pose.extent
    scale = OVERSIZE if pose.unit_px < LARGE_PX else 1
    canvas = Canvas(pose.extent, pose.unit_px * scale)
    draw(canvas, pose)
    edges = [2 * round(edge * pose.unit_px / 2) for edge in (left, top, right, bottom)]
    size = max(4, edges[2] - edges[0]), max(4, edges[3] - edges[1])
    if pose.leftward:
        edges[0] = -edges[0] - size[0]
    pixels = _small(canvas.pixels, size, leftward=pose.leftward)
    if pose.blur_px > 1:
        pixels = np.asarray(cv2.blur(pixels, (pose.blur_px, 1)), np.uint8)
    body = layer(*_cropped(pixels, edges[0], edges[1]))
    mask = np.asarray(cv2.threshold(body.alpha, HALF, 255, cv2.THRESH_BINARY)[1], np.uint8)
    x, y, wide, high = cv2.boundingRect(mask)
    glow: tuple[Layer, ...] = ()
    if canvas.glow is not None:
        glow = _halos(_small(canvas.glow, size, leftward=pose.leftward), edges[0], edges[1])
    return Sprite(body, glow, mask, cv2.countNonZero(mask), (x, y, x + wide, y + high))


def _cropped(pixels: Plane, left: int, top: int) -> tuple[Plane, int, int]:
    """The part that is not empty, with even edges, and where it is."""
    x, y, wide, high = cv2.boundingRect(cv2.extractChannel(pixels, 3))
    x0, y0, x1, y1 = x // 2 * 2, y // 2 * 2, (x + wide + 1) // 2 * 2, (y + high + 1) // 2 * 2
    if wide == 0:  # nothing at all is 2 px of nothing
        x1, y1 = 2, 2
    return pixels[y0:y1, x0:x1], left + x0, top + y0


def layer(pixels: Plane, left: int, top: int) -> Layer:
    """Premultiplied BGRA with even sides as premultiplied planes."""
    height, width = pixels.shape[:2]
    alpha = np.asarray(cv2.extractChannel(pixels, 3), np.uint8)
    size = width // 2, height // 2
    small = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.uint8)
    y, u, v = to_i420(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), np.uint8))
    return Layer(
        y=_premultiplied(y, alpha, 16),
        u=_premultiplied(u, small, 128),
        v=_premultiplied(v, small, 128),
        alpha=alpha,
        chroma_alpha=small,
        left=left,
        top=top,
    )


def _premultiplied(plane: Plane, alpha: Plane, black: int) -> Plane:
    """What black adds to each value, only as far as there is something."""
    return np.asarray(cv2.addWeighted(plane, 1, alpha, black / 255, -black), np.uint8)


def _small(pixels: Plane, size: tuple[int, int], *, leftward: bool) -> Plane:
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.flip(small, 1), np.uint8) if leftward else small


def _halos(pixels: Plane, left: int, top: int) -> tuple[Layer, ...]:
    """Lights, each with a soft halo that reaches beyond what shines."""
    reach = max(8, pixels.shape[0] // 48 * 8)
    wide = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)))
    height, width = wide.shape[:2]
    small = cv2.resize(wide, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), reach / 10.4).astype(np.float32) * 1.1
    soft += cv2.GaussianBlur(small, (0, 0), max(0.5, reach / 42)).astype(np.float32) * 0.75
    soft *= np.minimum(1, 235 / np.maximum(soft[..., 3:], 1))
    soft = np.minimum(soft, soft[..., 3:]).astype(np.uint8)
    large = np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    bright = np.asarray(large[..., 3] > FAINT, np.uint8)
    _, _, found, _ = cv2.connectedComponentsWithStats(bright)
    layers = []
    for x, y, wide, high, _ in found[1:].tolist():
        x0, y0 = x // 2 * 2, y // 2 * 2
        part = large[y0 : (y + high + 1) // 2 * 2, x0 : (x + wide + 1) // 2 * 2]
        layers.append(layer(part, left - reach + x0, top - reach + y0))
    return tuple(layers)
