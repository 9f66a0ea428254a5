"""The still street under a sky (pure): lit in slices, a step ahead of when it is shown."""

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.camera.street.art import Art, noise
from actors.camera.street.furniture import furnish
from actors.camera.street.ground import ground
from actors.camera.street.houses import houses
from actors.camera.street.light import Sky, fog_colour, light, sky_colours
from actors.camera.street.view import View, WALL_FOOT
from bus.pixels import I420

SLICE_ROWS = 24
KEPT = 3
MIRROR = 0.47  # below this, wet ground mirrors what is as far above
Floats = NDArray[np.float32]


def still_life(seed: int, view: View) -> Art:
    """Draw the street. The same seed and view give the same one."""
    art, random = Art(view), np.random.default_rng((seed, 3))
    ground(art, random)
    houses(art, random)
    furnish(art, random)
    art.reflect(MIRROR)
    return art


class Backdrops:
    """The street as I420 under any sky; the last few are kept, and one is in the making."""

    def __init__(self, seed: int, view: View) -> None:
        self._art = still_life(seed, view)
        random = np.random.default_rng((seed, 4))
        size = self._art.height, self._art.width
        narrow = size[0], size[1] // 3 + 1
        coarse, fine = (noise(narrow, random, max(2, size[0] // part)) for part in (9, 26))
        clouds = cv2.addWeighted(coarse, 0.66, fine, 0.34, 0)
        self._clouds = np.asarray(cv2.resize(clouds, (size[1], size[0])), np.uint8)
        self._stars = np.zeros(size, np.uint8)
        count = size[0] * size[1] // 9000
        spots = random.integers(0, size[0], count), random.integers(0, size[1], count)
        self._stars[spots] = random.integers(60, 200, count)
        self._kept: dict[Sky, I420] = {}
        self._making: tuple[Sky, int, Floats | None] | None = None

    @property
    def items(self) -> list:  # type: ignore[type-arg]
        return self._art.items

    def get(self, sky: Sky) -> I420:
        """The street under this sky, on the view's whole canvas; not to be written to."""
        if sky not in self._kept:
            self.prepare(sky, 1.0)
        return self._kept[sky]

    def prepare(self, sky: Sky, share: float) -> None:
        """Have at least this share of the work done for a sky."""
        if sky in self._kept:
            return
        if self._making is None or self._making[0] != sky:
            self._making = sky, 0, np.empty((self._art.height, self._art.width, 3), np.uint8)
        _, done, bgr = self._making
        while done < share * self._art.height:
            rows = slice(done, min(self._art.height, done + SLICE_ROWS))
            bgr[rows] = self._lit(sky, rows)
            done = rows.stop
        self._making = sky, done, bgr
        if done == self._art.height:
            self._kept[sky] = self._finished(bgr)
            self._making = None
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]

    def _finished(self, bgr) -> I420:
        view = self._art.view
        if bgr.shape[0] != view.full_height:
            bgr = cv2.resize(bgr, (view.full_width, view.full_height), interpolation=cv2.INTER_CUBIC)
        return to_i420(np.asarray(bgr, np.uint8))

    def _lit(self, sky: Sky, rows: slice) -> Floats:
        art = self._art
        paint = art.paint[rows].astype(np.float32)
        snow = (art.snow[rows] * np.float32(sky.snow / 255))[..., None]
        paint += (np.float32((236, 232, 228)) - paint) * snow
        wet = art.wet[rows] * np.float32(sky.wet / 255)
        paint *= (1 - 0.36 * wet)[..., None]
        lamp = art.lamp[rows] * np.float32(sky.lamps / 255)
        shine = lamp[..., None] * np.float32((0.42, 0.62, 0.76)) + np.float32(light(sky))
        lit = paint * shine
        if sky.lamps > 0:
            lit += art.glow[rows] * (0.3 + paint / 330) * np.float32(0.8 * sky.lamps)
            lit += art.mirror[rows] * np.float32(0.75 * sky.lamps * sky.wet)
        lit += (wet * (0.35 + 0.65 * sky.daylight))[..., None] * np.float32((34, 31, 28))
        self._haze(lit, sky, rows)
        above = art.sky[rows]
        if above.any():
            lit += (self._heaven(sky, rows) - lit) * (above * np.float32(1 / 255))[..., None]
        return np.clip(lit, 0, 255)

    def _haze(self, lit: Floats, sky: Sky, rows: slice) -> None:
        if sky.fog > 0:
            thick = self._art.fog[rows] * np.float32(sky.fog / 255)
            lit += (np.float32(fog_colour(sky)) - lit) * thick[..., None]

    def _heaven(self, sky: Sky, rows: slice) -> Floats:
        top, low = (np.float32(colour) for colour in sky_colours(sky))
        share = np.arange(rows.start, rows.stop, dtype=np.float32) / (WALL_FOOT * self._art.height)
        colour = top + (low - top) * np.minimum(1, share)[:, None] ** 0.8
        cloud = self._clouds[rows].astype(np.float32)
        puff = np.clip((cloud - 138 + 30 * sky.cloud) / 60, 0, 1)[..., None] * (0.75 - 0.3 * sky.cloud)
        bright = np.float32(light(sky)) * (255 - 45 * sky.cloud)
        found = colour[:, None] + (bright - colour[:, None]) * puff
        found += (self._stars[rows] * np.float32((1 - sky.cloud) * sky.lamps))[..., None]
        return found + (np.float32(fog_colour(sky)) - found) * np.float32(0.92 * sky.fog)


def to_i420(bgr) -> I420:
    """A BGR picture with even sides as planes of its own."""
    height, width = bgr.shape[:2]
    stacked = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8).reshape(-1)
    luma, quarter = width * height, width * height // 4
    return I420(
        stacked[:luma].reshape(height, width),
        stacked[luma : luma + quarter].reshape(height // 2, -1),
        stacked[luma + quarter :].reshape(height // 2, -1),
    )
