"""What the light and the weather are, when (pure): a few shares that all else follows from."""

from functools import lru_cache
from math import cos, pi
from typing import NamedTuple

import numpy as np

from actors.scenery import Setting, TimeOfDay, Weather

DAY_S = 600.0
SPELL_S, CHANGE_S = 90.0, 14.0  # a spell of weather, and how long it takes to change
HOURS: dict[TimeOfDay, float] = {"day": 11.0, "dusk": 19.15, "night": 23.5}
SPELLS: tuple[Weather, ...] = ("clear", "cloudy", "rain", "clear", "snow", "cloudy", "fog")
STEPS = 250  # light is the same where it differs by less than this part

NOISIER = (0.7, 0.3)  # daylight at which noise gets stronger
Rgb = tuple[float, float, float]  # BGR, 1 is the colour itself


class Sky(NamedTuple):
    """Shares from 0 to 1; `lean` is where shadows fall, -1 left to 1 right."""

    daylight: float
    golden: float
    lean: float
    cloud: float
    rain: float
    fog: float
    snow: float

    @property
    def lamps(self) -> float:
        return max(0.0, min(1.0, 1.6 - 2.6 * self.daylight))

    @property
    def sun(self) -> float:
        """How strong shadows are."""
        return (1 - self.cloud) * max(0.0, min(1.0, 2.2 * self.daylight - 0.5))

    @property
    def wet(self) -> float:
        return self.rain

    @property
    def noise(self) -> int:
        """How strong the sensor's noise is: one of three levels."""
        return sum(self.daylight <= least for least in NOISIER)


MIXES: dict[Weather, tuple[float, float, float, float]] = {  # cloud, rain, fog, snow
    "clear": (0.0, 0.0, 0.0, 0.0),
    "cloudy": (0.85, 0.0, 0.05, 0.0),
    "rain": (1.0, 1.0, 0.22, 0.0),
    "fog": (1.0, 0.0, 1.0, 0.0),
    "snow": (0.9, 0.0, 0.25, 1.0),
}


def sky(setting: Setting, seconds: float) -> Sky:
    """The sky of a scene at a time; the same second has the same one."""
    hour = HOURS.get(setting.time, (8.0 + setting.seed * 7.3 + 24 * seconds / DAY_S) % 24)
    fixed = MIXES.get(setting.weather)
    mix = fixed or _spell(setting.seed, seconds)
    height = -cos(2 * pi * hour / 24) + 0.28  # above 0: the sun is up
    daylight = _smooth(0.5 + 1.1 * height)
    golden = max(0.0, 1 - abs(height - 0.02) / 0.55)
    mix = mix[0], mix[1], mix[2] * (0.7 + 0.3 * daylight), mix[3]  # in the dark it hides enough
    lean = max(-1.0, min(1.0, (hour - 13.0) / 6.5))
    return Sky(*(round(part * STEPS) / STEPS for part in (daylight, golden, lean, *mix)))


def blend(one: Sky, other: Sky, share: float) -> Sky:
    return Sky(*(a + (b - a) * share for a, b in zip(one, other, strict=True)))


def light(sky: Sky) -> Rgb:
    """What the sun and sky make of a colour in the open, without lamps."""
    day = 1.0 - 0.2 * sky.cloud - 0.06 * sky.rain
    night = 0.34, 0.27, 0.22
    full = (
        day * (1 - 0.30 * sky.golden * (1 - sky.cloud)),
        day * (1 - 0.13 * sky.golden * (1 - sky.cloud)),
        day * (1 + 0.05 * sky.golden * (1 - sky.cloud)),
    )
    blue, green, red = (n + (d - n) * sky.daylight for n, d in zip(night, full, strict=True))
    return blue, green, red


def sky_colours(sky: Sky) -> tuple[Rgb, Rgb]:
    """The sky's colour at its top and low over the roofs, 0..255."""
    clear = np.array(((214, 158, 92), (244, 224, 196)), float)
    grey = np.array(((188, 182, 174), (214, 210, 204)), float)
    dusk = np.array(((150, 92, 84), (108, 158, 246)), float)
    night = np.array(((48, 26, 14), (92, 58, 38)), float)
    day = clear + (dusk - clear) * sky.golden * (1 - 0.35 * sky.daylight)
    day += (grey * (0.55 + 0.45 * sky.daylight) - day) * sky.cloud
    found = night + (day - night) * min(1.0, sky.daylight + 0.5 * sky.golden * (1 - sky.cloud))
    top, low = (tuple(map(float, row)) for row in found)
    return (top[0], top[1], top[2]), (low[0], low[1], low[2])


def fog_colour(sky: Sky) -> Rgb:
    night, day = (84.0, 74.0, 68.0), (214.0, 212.0, 208.0)
    blue, green, red = (n + (d - n) * sky.daylight for n, d in zip(night, day, strict=True))
    return blue, green, red


def _spell(seed: int, seconds: float) -> tuple[float, float, float, float]:
    number, into = divmod(seconds, SPELL_S)
    now, before = (np.array(MIXES[_weather(seed, int(number) - back)]) for back in (0, 1))
    mix = before + (now - before) * _smooth(into / CHANGE_S)
    return float(mix[0]), float(mix[1]), float(mix[2]), float(mix[3])


@lru_cache(maxsize=16)
def _weather(seed: int, number: int) -> Weather:
    """Each round of spells holds all of them, in another order."""
    turn, at = divmod(number, len(SPELLS))
    order = np.random.default_rng((seed, turn % (1 << 32))).permutation(len(SPELLS))
    return SPELLS[int(order[at])]


def _smooth(share: float) -> float:
    share = max(0.0, min(1.0, share))
    return share * share * (3 - 2 * share)


def shadow_shear(sky: Sky) -> float:
    """How far to the right a shadow's head lies, in heights; one of few values."""
    return round(sky.lean * 6) / 6 * 1.1
