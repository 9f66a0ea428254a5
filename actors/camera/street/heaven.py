"""The sky above the roofs (pure): its colour, clouds and stars."""

import cv2
import numpy as np

from actors.camera.street.light import Sky, fog_colour, light, sky_colours
from actors.camera.street.texture import Floats, noise
from actors.camera.street.view import WALL_FOOT
from bus.pixels import Plane

PX_PER_STAR = 9000


class Heaven:
    """Clouds and stars of one size, drawn once."""

    def __init__(self, seed: int, height: int, width: int) -> None:
        random = np.random.default_rng((seed, 4))
        self._height = height
        narrow = height, width // 3 + 1  # clouds are wider than tall
        coarse, fine = (noise(narrow, random, max(2, height // part)) for part in (9, 26))
        clouds = cv2.addWeighted(coarse, 0.66, fine, 0.34, 0)
        self._clouds: Plane = np.asarray(cv2.resize(clouds, (width, height)), np.uint8)
        self._stars: Plane = np.zeros((height, width), np.uint8)
        count = height * width // PX_PER_STAR
        spots = random.integers(0, height, count), random.integers(0, width, count)
        self._stars[spots] = random.integers(60, 200, count)

    def rows(self, sky: Sky, rows: slice) -> Floats:
        """Some rows of it, BGR."""
        top, low = (np.array(colour, np.float32) for colour in sky_colours(sky))
        share = np.arange(rows.start, rows.stop, dtype=np.float32) / (WALL_FOOT * self._height)
        colour = top + (low - top) * np.minimum(1, share)[:, None] ** 0.8
        cloud = self._clouds[rows].astype(np.float32)
        puff = np.clip((cloud - 138 + 30 * sky.cloud) / 60, 0, 1) * (0.75 - 0.3 * sky.cloud)
        bright = np.array(light(sky), np.float32) * (255 - 45 * sky.cloud)
        found = colour[:, None] + (bright - colour[:, None]) * puff[..., None]
        found += (self._stars[rows] * np.float32((1 - sky.cloud) * sky.lamps))[..., None]
        haze = np.array(fog_colour(sky), np.float32) - found
        return np.asarray(found + haze * np.float32(0.92 * sky.fog), np.float32)
