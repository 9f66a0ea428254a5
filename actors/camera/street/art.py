"""The still parts of the street, unlit (pure): drawn once, from far to near."""

from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.street.canvas import Canvas
from actors.camera.street.view import View, fog_share
from bus.pixels import Plane

HALF = 127  # opaque from here on
FINEST_PX = 1080  # no more rows are drawn than this: a larger picture is scaled up


class Item(NamedTuple):
    """Something still that may hide figures; the place is on the view's canvas, px."""

    alpha: Plane
    chroma_alpha: Plane
    solid: Plane  # 255 where it hides
    left: int  # even, as top
    top: int
    depth: float  # where it stands, a share of the picture's height


class Art:
    """Planes of one size: what is painted, what shines, and how light and weather act on it."""

    def __init__(self, view: View) -> None:
        self.view = view
        scale = min(1.0, FINEST_PX / view.full_height)
        self.scale = scale
        self.height, self.width = round(view.full_height * scale), round(view.full_width * scale)
        size = self.height, self.width
        self.paint: Plane = np.zeros((*size, 3), np.uint8)
        self.glow: Plane = np.zeros((*size, 3), np.uint8)  # added at night
        self.mirror: Plane = np.zeros((*size, 3), np.uint8)  # what wet ground shows of it
        self.lamp: Plane = np.zeros(size, np.uint8)  # how much of the lamps' light falls here
        self.sky: Plane = np.full(size, 255, np.uint8)
        self.fog: Plane = np.full(size, 215, np.uint8)
        self.wet: Plane = np.zeros(size, np.uint8)  # how much it shines when wet
        self.snow: Plane = np.zeros(size, np.uint8)  # how white it gets
        self.items: list[Item] = []

    def x(self, share: float) -> float:
        return self.view.x_px(share) * self.scale

    def y(self, share: float) -> float:
        return self.view.y_px(share) * self.scale

    @property
    def unit(self) -> float:
        return self.view.unit_px * self.scale

    def place(
        self, canvas: Canvas, x: float, y: float, depth: float, *, hides: bool = False
    ) -> None:
        """Put a thing with its foot at `x`, `y` px. What hides is put over figures behind it."""
        left = round(x + canvas.left * canvas.unit_px)
        top = round(y + canvas.top * canvas.unit_px)
        pixels = canvas.pixels
        rows, columns = pixels.shape[:2]
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.width, left + columns), min(self.height, top + rows)
        if x1 <= x0 or y1 <= y0:
            return
        part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
        into = slice(y0, y1), slice(x0, x1)
        over = pixels[part].astype(np.uint16)
        clear = 255 - over[..., 3]
        self.paint[into] = over[..., :3] + self.paint[into] * clear[..., None] // 255
        for plane in (self.sky, self.wet, self.snow, self.lamp):
            plane[into] = plane[into] * clear // 255
        drift = max(1, round(0.011 * self.unit))
        cap = cv2.subtract(pixels[..., 3], np.roll(pixels[..., 3], drift, 0))[part]
        self.snow[into] = np.maximum(self.snow[into], cap // 8 * 7)
        self.glow[into] = self.glow[into] * clear[..., None] // 255
        haze = round(255 * fog_share(depth))
        self.fog[into] = (self.fog[into] * clear + haze * over[..., 3]) // 255
        if canvas.glow is not None:
            self._shine(canvas.glow, left, top)
        if hides:
            self._hide(pixels[part][..., 3], x0, y0, depth)

    def lighten(self, x: float, y: float, wide: float, tall: float, strength: float) -> None:
        """A pool of lamplight."""
        rows, columns = np.ogrid[: self.height, : self.width]
        top, bottom = max(0, round(y - tall)), min(self.height, round(y + tall))
        left, right = max(0, round(x - wide)), min(self.width, round(x + wide))
        if bottom <= top or right <= left:
            return
        far = ((columns[:, left:right] - x) / wide) ** 2 + ((rows[top:bottom] - y) / tall) ** 2
        pool = (255 * strength * np.clip(1 - far, 0, 1) ** 1.6).astype(np.uint8)
        part = self.lamp[top:bottom, left:right]
        cv2.add(part, pool, part)

    def reflect(self, top: float) -> None:
        """Have the wet ground below `top`, a share of the height, mirror what shines above."""
        row = round(self.y(top))
        tall = min(row, self.height - row)
        mirrored = cv2.flip(self.glow[row - tall : row], 0)
        streaks = cv2.blur(
            mirrored, (max(1, round(0.006 * self.unit)), max(1, round(0.13 * self.unit)))
        )
        self.mirror[row : row + tall] = cv2.multiply(
            streaks, cv2.merge([self.wet[row : row + tall]] * 3), scale=1 / 255
        )

    def _shine(self, glow: Plane, left: int, top: int) -> None:
        reach = max(4, round(0.07 * self.unit / 4) * 4)
        wide = np.pad(glow, ((reach, reach), (reach, reach), (0, 0)))[..., :3]
        size = wide.shape[1], wide.shape[0]
        small = cv2.resize(wide, (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_AREA)
        halo = cv2.resize(cv2.GaussianBlur(small, (0, 0), reach / 10.4), size)
        soft = cv2.addWeighted(wide, 0.8, halo, 1.3, 0)
        left, top = left - reach, top - reach
        x0, y0 = max(0, left), max(0, top)
        x1 = min(self.width, left + soft.shape[1])
        y1 = min(self.height, top + soft.shape[0])
        if x1 > x0 and y1 > y0:
            into = self.glow[y0:y1, x0:x1]
            into[:] = cv2.add(into, soft[y0 - top : y1 - top, x0 - left : x1 - left])

    def _hide(self, alpha: Plane, left: int, top: int, depth: float) -> None:
        if self.scale < 1:
            size = round(alpha.shape[1] / self.scale), round(alpha.shape[0] / self.scale)
            alpha = np.asarray(cv2.resize(alpha, size), np.uint8)
        left, top = (round(edge / self.scale) for edge in (left, top))
        x, y, wide, high = cv2.boundingRect(alpha)
        alpha, left, top = alpha[y : y + high, x : x + wide], left + x, top + y
        pad = (top % 2, (high + top) % 2), (left % 2, (wide + left) % 2)
        alpha = np.pad(alpha, pad)  # even edges, for the chroma planes
        small = np.asarray(
            cv2.resize(alpha, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
        )
        solid = np.asarray((alpha > HALF) * 255, np.uint8)
        self.items.append(Item(alpha, small, solid, left - left % 2, top - top % 2, depth))
