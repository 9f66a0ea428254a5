"""Pasting layers into a picture, lit (pure). Places may lie partly outside."""

from typing import NamedTuple

import cv2

from actors.camera.street.layer import Layer
from actors.camera.street.light import Sky, fog_colour, light
from actors.camera.street.view import fog_share
from bus.pixels import I420, Plane

USUAL_LUMA = 105.0  # a figure's brightness that takes the light's colour
Window = tuple[slice, slice]  # rows and columns


class Tint(NamedTuple):
    """What light and fog make of the YUV values of a colour: each times a gain, plus an offset."""

    gain: float
    luma: float
    chroma_gain: float
    u: float
    v: float


class Lighting:
    """The light on figures in one picture. Lamps keep them from vanishing."""

    def __init__(self, sky: Sky) -> None:
        blue, green, red = light(sky)
        lamp = 0.27 * sky.lamps
        blue, green, red = blue + 0.6 * lamp, green + 0.9 * lamp, red + 1.1 * lamp
        self._gain = gain = 0.114 * blue + 0.587 * green + 0.299 * red
        self._black = 16 - 16 * gain + 8 * sky.lamps
        self._cast = 0.439 * USUAL_LUMA * (blue - gain), 0.62 * USUAL_LUMA * (red - gain)
        self._colourful = 1 - 0.25 * sky.cloud
        self._fog, self._fog_yuv = sky.fog, yuv(fog_colour(sky))
        self._tints: dict[float, Tint] = {}

    def at(self, depth: float) -> Tint:
        """For what stands here, a share of the picture's height, with the fog before it."""
        found = self._tints.get(depth)
        if found is None:
            found = self._tints[depth] = self._behind(fog_share(depth) * self._fog)
        return found

    def _behind(self, thick: float) -> Tint:
        clear, (fog_y, fog_u, fog_v) = 1 - thick, self._fog_yuv
        colourful = self._gain * (1 - thick) * self._colourful
        return Tint(
            gain=self._gain * clear,
            luma=self._black * clear + fog_y * thick,
            chroma_gain=colourful,
            u=128 - 128 * colourful + self._cast[0] * clear + (fog_u - 128) * thick,
            v=128 - 128 * colourful + self._cast[1] * clear + (fog_v - 128) * thick,
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
    part, place = overlap(layer.alpha.shape, out.y.shape, (left, top))
    how = tint.gain, tint.luma, strength
    _blend(layer.y[part], layer.alpha[part], out.y[place], how)
    part, place = overlap(layer.chroma_alpha.shape, out.u.shape, (left // 2, top // 2))
    alpha, gain = layer.chroma_alpha[part], tint.chroma_gain
    _blend(layer.u[part], alpha, out.u[place], (gain, tint.u, strength))
    _blend(layer.v[part], alpha, out.v[place], (gain, tint.v, strength))


def _blend(pixels: Plane, cover: Plane, under: Plane, how: tuple[float, float, float]) -> None:
    if under.size == 0:
        return
    gain, offset, strength = how
    hidden = cv2.multiply(under, cover, scale=strength / 255)
    lit = cv2.addWeighted(pixels, gain * strength, cover, offset * strength / 255, 0)
    cv2.subtract(under, hidden, under)
    cv2.add(under, lit, under)


def darken(mask: Plane, plane: Plane, left: int, top: int, strength: float) -> None:
    """Take a share of the light where the mask is."""
    part, place = overlap(mask.shape, plane.shape, (left, top))
    under = plane[place]
    if under.size:
        cv2.subtract(under, cv2.multiply(under, mask[part], scale=strength / 255), under)


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
