"""The synthetic camera's picture: figures on a street, and exact truth about them (pure).

Picture `index` depends on the seed, the size, the rate and the index only, so any index can
be drawn at any time. The index is burned into the corner, see counter.py.
"""

import cv2
import numpy as np

from actors.camera.counter import NUMBERS, counter_size, write_counter
from actors.camera.street import street
from actors.camera.traffic import Placed, traffic
from actors.setting import Setting
from bus.messages import TrueBox
from bus.pixels import I420, Plane


class Scene:
    """One street of one size, each side 16 pixels or more."""

    def __init__(self, setting: Setting, width: int, height: int, rate_hz: float = 30.0) -> None:
        random = np.random.default_rng(setting.seed)
        self._width, self._height, self._rate_hz = width, height, rate_hz
        self._street = street(random, width, height)
        self._figures = traffic(random, width, height)
        self._nearest = np.zeros((height, width), np.uint8)  # whose pixel: 1 + place in `placed`

    def draw(self, index: int, out: I420) -> list[TrueBox]:
        """Overwrite `out`, a picture of the scene's size. Returns what is in it, far to near.

        A box is the figure's extent inside the picture, hidden parts included; `visible` is
        the share of all its pixels that neither the edge, nor a nearer figure, nor the
        counter hides.
        """
        index %= NUMBERS
        seconds, numbers = index / self._rate_hz, len(self._figures)
        placed = [figure.at(seconds, at, numbers) for at, figure in enumerate(self._figures)]
        placed = [figure for figure in placed if self._shows(figure)]
        out.copy_from(self._street)
        self._nearest[:] = 0
        for at, figure in enumerate(placed):
            self._paste(figure, at + 1, out)
        write_counter(out, index)
        wide, high = counter_size(self._width, self._height)
        self._nearest[-high:, :wide] = 0
        return [self._truth(figure, at + 1) for at, figure in enumerate(placed)]

    def _shows(self, figure: Placed) -> bool:
        left, _, right, _ = figure.extent
        return left < self._width and right > 0

    def _paste(self, figure: Placed, number: int, out: I420) -> None:
        cut = figure.sprite
        _put(cut.picture.y, cut.mask, out.y, figure.left, figure.top)
        _put(np.full_like(cut.mask, number), cut.mask, self._nearest, figure.left, figure.top)
        for pixels, plane in ((cut.picture.u, out.u), (cut.picture.v, out.v)):
            _put(pixels, cut.chroma_mask, plane, figure.left // 2, figure.top // 2)

    def _truth(self, figure: Placed, number: int) -> TrueBox:
        left, top, right, bottom = figure.extent
        left, right = max(0, left), min(right, self._width)
        top, bottom = max(0, top), min(bottom, self._height)
        seen = int(np.count_nonzero(self._nearest[top:bottom, left:right] == number))
        return TrueBox(
            label=figure.label,
            identity=figure.identity,
            visible=seen / figure.sprite.area,
            x0=left / self._width,
            y0=top / self._height,
            x1=right / self._width,
            y1=bottom / self._height,
        )


def _put(pixels: Plane, mask: Plane, plane: Plane, left: int, top: int) -> None:
    """Copy what the mask covers to a place that may lie partly outside."""
    height, width = plane.shape
    skip_x, skip_y = max(0, -left), max(0, -top)
    part = slice(skip_y, max(skip_y, height - top)), slice(skip_x, max(skip_x, width - left))
    into = plane[max(0, top) : top + pixels.shape[0], max(0, left) : left + pixels.shape[1]]
    cv2.copyTo(pixels[part], mask[part], into)
