"""The still street under a sky (pure): lit in slices, a step ahead of when it is shown."""

import cv2
import numpy as np

from actors.camera.street.art import Art, Item
from actors.camera.street.furniture import furnish
from actors.camera.street.ground import ground
from actors.camera.street.heaven import Heaven
from actors.camera.street.houses import houses
from actors.camera.street.light import Rgb, Sky, fog_colour, light
from actors.camera.street.picture import to_i420
from actors.camera.street.texture import Floats
from actors.camera.street.view import View
from bus.pixels import I420, Plane

SLICE_ROWS = 8  # few enough for a processor's cache
KEPT = 3
MIRROR = 0.47  # below this, wet ground mirrors what is as far above
SNOW: Rgb = (236, 232, 228)
GLOSS: Rgb = (34, 31, 28)  # what a wet road adds of the sky
LAMPLIGHT: Rgb = (0.42, 0.62, 0.76)


def still_life(seed: int, view: View) -> Art:
    """Draw the street. The same seed and view give the same one."""
    art, random = Art(view), np.random.default_rng((seed, 3))
    ground(art, random)
    houses(art, random)
    furnish(art, random)
    art.reflect(MIRROR)
    return art


class Making:
    """A street that is being lit, from its top down."""

    def __init__(self, sky: Sky, art: Art, heaven: Heaven) -> None:
        self.sky = sky
        self._art, self._heaven, self._done = art, heaven, 0
        self._bgr: Plane = np.empty((art.height, art.width, 3), np.uint8)

    def advance(self, share: float) -> bool:
        """Have at least this share of the rows done; returns whether all are."""
        height = self._art.height
        while self._done < share * height:
            rows = slice(self._done, min(height, self._done + SLICE_ROWS))
            self._bgr[rows] = self._lit(rows)
            self._done = rows.stop
        return self._done == height

    def finished(self) -> I420:
        """The whole picture, of the view's size."""
        view, bgr = self._art.view, self._bgr
        if bgr.shape[0] != view.full_height:
            size = view.full_width, view.full_height
            bgr = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        return to_i420(bgr)

    def _lit(self, rows: slice) -> Floats:
        """Some rows in floats; what this sky has none of is left out, it would change nothing."""
        art, sky = self._art, self.sky
        paint = art.paint[rows].astype(np.float32)
        if sky.snow > 0:
            paint += (_row(SNOW) - paint) * _share(art.snow[rows], sky.snow)[..., None]
        wet = _share(art.wet[rows], sky.wet)
        if sky.wet > 0:
            paint *= (1 - 0.36 * wet)[..., None]
        if sky.lamps > 0:
            lamps = _share(art.lamp[rows], sky.lamps)[..., None] * _row(LAMPLIGHT)
            lit = paint * (lamps + _row(light(sky)))
            lit += art.glow[rows] * (0.3 + paint / 330) * np.float32(0.8 * sky.lamps)
            lit += art.mirror[rows] * np.float32(0.75 * sky.lamps * sky.wet)
        else:
            lit = paint * _row(light(sky))
        if sky.wet > 0:
            lit += (wet * (0.35 + 0.65 * sky.daylight))[..., None] * _row(GLOSS)
        if sky.fog > 0:
            lit += (_row(fog_colour(sky)) - lit) * _share(art.fog[rows], sky.fog)[..., None]
        above = art.sky[rows]
        if above.any():
            lit += (self._heaven.rows(sky, rows) - lit) * _share(above, 1.0)[..., None]
        return np.clip(lit, 0, 255)


class Backdrops:
    """The street under any sky; the last few are kept, and one is in the making."""

    def __init__(self, seed: int, view: View) -> None:
        self._art = still_life(seed, view)
        self._heaven = Heaven(seed, self._art.height, self._art.width)
        self._kept: dict[Sky, I420] = {}
        self._making: Making | None = None

    @property
    def items(self) -> list[Item]:
        """What stands still and may hide figures."""
        return self._art.items

    def get(self, sky: Sky) -> I420:
        """The street under this sky, on the view's whole canvas; not to be written to."""
        self.prepare(sky, 1.0)
        return self._kept[_unshadowed(sky)]

    def prepare(self, sky: Sky, share: float) -> None:
        """Have at least this share of the work done for a sky."""
        sky = _unshadowed(sky)
        if sky in self._kept:
            return
        if self._making is None or self._making.sky != sky:
            self._making = Making(sky, self._art, self._heaven)
        if self._making.advance(share):
            self._kept[sky] = self._making.finished()
            self._making = None
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]


def _unshadowed(sky: Sky) -> Sky:
    """All that an empty street depends on: where figures' shadows fall is nothing to it."""
    return sky._replace(lean=0.0)


def _share(plane: Plane, of: float) -> Floats:
    """A plane of 0..255 as 0..`of`."""
    return plane * np.float32(of / 255)


def _row(colour: Rgb) -> Floats:
    return np.array(colour, np.float32)
