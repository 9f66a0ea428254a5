"""What is between the street and the picture (pure): rain, snow, gusts and the sensor's noise."""

from math import pi, sin

import cv2
import numpy as np

from actors.camera.street.light import Sky
from actors.camera.street.view import View
from bus.pixels import I420, Plane

NOISES = (2, 3, 5)  # the strongest, in luma steps, for each level of noise
PLAY_PX = 64  # by how much the planes are wider than the picture, those of noise higher too
FALL = {"rain": 2.6, "near snow": 0.16, "far snow": 0.095}  # heights a second
LEVELS = 10  # strengths of rain and snow
THINNEST = 0.04  # a share of rain or snow under which none is drawn


class Air:
    """Planes drawn when first needed; each picture takes another part of them."""

    def __init__(self, seed: int, view: View) -> None:
        self._seed, self._view = seed, view
        self._planes: dict[str, Plane] = {}
        self._noises: dict[int, tuple[Plane, Plane]] = {}
        self._thin: dict[str, tuple[int, Plane]] = {}  # the last strength below the full one

    def gust(self, seconds: float) -> tuple[int, int]:
        """How far the camera is shaken, px to the right and down."""
        reach = self._view.margin
        calm = max(
            0.0, sin(2 * pi * seconds / 23) * sin(2 * pi * seconds / 7.7 + self._seed) - 0.35
        )
        x = calm * 1.6 * reach * sin(2 * pi * 1.7 * seconds)
        y = calm * 0.9 * reach * sin(2 * pi * 2.3 * seconds + 1)
        return max(-reach, min(reach, round(x))), max(-reach, min(reach, round(y)))

    def fall(self, sky: Sky, seconds: float, luma: Plane) -> None:
        """Rain and snow over the luma of a picture."""
        if sky.rain > THINNEST:
            self._scroll("rain", seconds, luma, sky.rain * (0.5 + 0.5 * sky.daylight))
        if sky.snow > THINNEST:
            strength = sky.snow * (0.55 + 0.45 * sky.daylight)
            for name in ("far snow", "near snow"):
                self._scroll(name, seconds, luma, strength)

    def grain(self, level: int, index: int, picture: I420, out: Plane) -> None:
        """Write the picture's luma with the sensor's noise."""
        more, less = self._noise(level)
        random = (index * 2654435761 + self._seed * 40503) % (1 << 32)
        places = [((random >> at) % PLAY_PX, (random >> (at + 7)) % PLAY_PX) for at in (0, 16)]
        height, width = out.shape
        (x, y), (aside, down) = places
        cv2.add(picture.y, more[y : y + height, x : x + width], out)
        cv2.subtract(out, less[down : down + height, aside : aside + width], out)

    def _noise(self, level: int) -> tuple[Plane, Plane]:
        found = self._noises.get(level)
        if found is None:
            size = self._view.height + PLAY_PX, self._view.width + PLAY_PX
            random = np.random.default_rng((self._seed, 6, level))
            more, less = (random.integers(0, NOISES[level] + 1, size, np.uint8) for _ in range(2))
            found = self._noises[level] = more, less
        return found

    def _scroll(self, name: str, seconds: float, luma: Plane, strength: float) -> None:
        plane = self._planes.get(name)
        if plane is None:
            plane = self._planes[name] = self._drawn(name)
        period = plane.shape[0] - self._view.height
        y = period - 1 - int(seconds * FALL[name] * self._view.unit_px) % period
        sway = sin(seconds * 1.1) if name == "near snow" else sin(seconds * 0.8 + 2)
        x = (
            round((0.5 + 0.5 * sway) * (PLAY_PX - 1))
            if name != "rain"
            else int(seconds * 997) % PLAY_PX
        )
        level = max(1, round(strength * LEVELS))
        if level < LEVELS:
            if self._thin.get(name, (0, plane))[0] != level:
                thin = cv2.convertScaleAbs(plane, alpha=level / LEVELS)
                self._thin[name] = level, np.asarray(thin, np.uint8)
            plane = self._thin[name][1]
        part = plane[y : y + luma.shape[0], x : x + luma.shape[1]]
        cv2.add(luma, part, luma)

    def _drawn(self, name: str) -> Plane:
        """A plane whose upper and lower ends are the same, so that it may scroll for ever."""
        view, unit = self._view, self._view.unit_px
        random = np.random.default_rng((self._seed, 5, len(name)))
        period, width = view.height, view.width + PLAY_PX
        plane = np.zeros((period, width), np.uint8)
        count = {"rain": 620, "near snow": 130, "far snow": 520}[name]
        for _ in range(round(count * max(1.0, width / view.height / 1.78))):
            x, y = int(random.integers(width)), int(random.integers(period))
            if name == "rain":
                long = random.uniform(0.03, 0.075) * unit
                grey = int(random.integers(14, 40))
                thick = max(1, round(unit / 700))
                for lift in (0, -period, period):
                    cv2.line(
                        plane,
                        (x, y + lift),
                        (round(x - 0.16 * long), round(y + long) + lift),
                        grey,
                        thick,
                        cv2.LINE_AA,
                    )
            else:
                radius = unit * random.uniform(
                    *((0.003, 0.0055) if name == "near snow" else (0.0015, 0.0028))
                )
                for lift in (0, -period, period):
                    centre = round(x * 16), round((y + lift) * 16)
                    cv2.circle(
                        plane,
                        centre,
                        round(radius * 16),
                        int(random.integers(90, 190)),
                        -1,
                        cv2.LINE_AA,
                        4,
                    )
        if name == "near snow":
            plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), max(0.4, unit / 900)), np.uint8)
        return np.concatenate([plane, plane])
