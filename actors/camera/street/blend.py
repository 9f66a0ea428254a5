"""Pasting layers into a picture, lit (pure). Places may lie partly outside."""

from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.street.light import Sky, fog_colour, light
from actors.camera.street.sprites import Layer
from bus.pixels import I420, Plane

Window = tuple[slice, slice]  # rows and columns


class Tint(NamedTuple):
    """What light and fog make of the YUV values of a colour: each times a gain, plus an offset."""

    gain: float
    luma: float
    chroma_gain: float
    u: float
    v: float


def tint(sky: Sky, fog: float) -> Tint:
    """For figures in this light, behind this share of fog. Lamps keep them from vanishing."""
    blue, green, red = light(sky)
    lamp = 0.27 * sky.lamps
    blue, green, red = blue + 0.6 * lamp, green + 0.9 * lamp, red + 1.1 * lamp
    gain = 0.114 * blue + 0.587 * green + 0.299 * red
    grey = 105.0  # a figure's usual brightness, which takes the light's colour
    cast_u, cast_v = 0.439 * grey * (blue - gain), 0.62 * grey * (red - gain)
    thick = fog * sky.fog
    fog_y, fog_u, fog_v = yuv(fog_colour(sky))
    clear, colourful = 1 - thick, gain * (1 - thick) * (1 - 0.25 * sky.cloud)
    return Tint(
        gain=gain * clear,
        luma=(16 - 16 * gain + 8 * sky.lamps) * clear + fog_y * thick,
        chroma_gain=colourful,
        u=128 - 128 * colourful + cast_u * clear + (fog_u - 128) * thick,
        v=128 - 128 * colourful + cast_v * clear + (fog_v - 128) * thick,
    )


def yuv(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    """A BGR colour, 0..255, as Y, U and V in studio range."""
    blue, green, red = colour
    y = 16 + 0.0979 * blue + 0.5041 * green + 0.2568 * red
    u = 128 + 0.4392 * blue - 0.2910 * green - 0.1482 * red
    v = 128 - 0.0714 * blue - 0.3678 * green + 0.4392 * red
    return y, u, v


AS_IT_IS = Tint(1.0, 0.0, 1.0, 0.0, 0.0)


def paste(layer: Layer, out: I420, x: int, foot: int, tint: Tint, strength: float = 1.0) -> None:
    """Blend a layer whose foot is at a place, times a strength."""
    left, top = x + layer.left, foot + layer.top
    _blend(layer.y, layer.alpha, out.y, (left, top), (tint.gain, tint.luma, strength))
    place = left // 2, top // 2
    gain = tint.chroma_gain
    _blend(layer.u, layer.chroma_alpha, out.u, place, (gain, tint.u, strength))
    _blend(layer.v, layer.chroma_alpha, out.v, place, (gain, tint.v, strength))


def _blend(
    pixels: Plane, alpha: Plane, plane: Plane, at: tuple[int, int], how: tuple[float, float, float]
) -> None:
    gain, offset, strength = how
    part, place = overlap(alpha.shape, plane.shape, at)
    under, cover = plane[place], alpha[part]
    if under.size == 0:
        return
    hidden = cv2.multiply(under, cover, scale=strength / 255)
    lit = cv2.addWeighted(pixels[part], gain * strength, cover, offset * strength / 255, 0)
    cv2.add(cv2.subtract(under, hidden), lit, under)


def darken(mask: Plane, plane: Plane, left: int, top: int, strength: float) -> None:
    """Take a share of the light where the mask is."""
    part, place = overlap(mask.shape, plane.shape, (left, top))
    under = plane[place]
    if under.size:
        cv2.subtract(under, cv2.multiply(under, mask[part], scale=strength / 255), under)


def mark(mask: Plane, plane: Plane, left: int, top: int, number: int) -> None:
    """Write a number where the mask is 255."""
    part, place = overlap(mask.shape, plane.shape, (left, top))
    under = plane[place]
    if under.size:
        cv2.copyTo(np.full(under.shape, number, np.uint8), mask[part], under)


def cover(picture: Plane, alpha: Plane, plane: Plane, place: Window) -> None:
    """Put back the picture's own pixels at a place where the alpha is, which is of its size."""
    under, over = plane[place], picture[place]
    hidden = cv2.multiply(under, alpha, scale=1 / 255)
    lit = cv2.multiply(over, alpha, scale=1 / 255)
    cv2.add(cv2.subtract(under, hidden), lit, under)


def overlap(
    small: tuple[int, ...], large: tuple[int, ...], at: tuple[int, int]
) -> tuple[Window, Window]:
    """Which part of a small plane lies on a large one, and where."""
    left, top = at
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = max(x0, min(large[1], left + small[1])), max(y0, min(large[0], top + small[0]))
    part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    return part, (slice(y0, y1), slice(x0, x1))
