"""What the synthetic camera's picture costs: CPU time of one thread, for each sky and size."""

import time
from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.scene import Scene
from actors.scenery import Setting, TimeOfDay, Weather
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Row
from bus.pixels import blank

SKIES: tuple[tuple[Weather, TimeOfDay], ...] = (
    ("clear", "day"),
    ("clear", "dusk"),
    ("rain", "day"),
    ("rain", "night"),
    ("fog", "day"),
    ("snow", "night"),
    ("auto", "auto"),
)
SKIES_UHD = SKIES[:1] + SKIES[3:4] + SKIES[-1:]
HD, UHD = (1280, 720), (3840, 2160)
HD_HZ, UHD_HZ = 30.0, 60.0
QUIET = 0.3  # of a normal street's figures
FIRST = 5000  # pictures before the first: a street in full swing
MOST_OF_A_CORE = 0.15  # of 720p at 30 a second
MOST_MS = 14.0  # of 2160p, mean: 60 a second with something to spare


class Cost(NamedTuple):
    """CPU milliseconds of pictures that follow each other, and of what comes before."""

    start: float
    first: float
    p50: float
    p99: float
    mean: float

    def __str__(self) -> str:
        return (
            f"p50 {self.p50:.1f}, p99 {self.p99:.1f} ms "
            f"(start {self.start:.0f}, first {self.first:.0f})"
        )


def measure(*, quick: bool) -> list[Row]:
    cv2.setNumThreads(1)
    seconds = 2 if quick else 20
    rows = [at_30(Setting(0, 1.0, *sky), seconds) for sky in SKIES]
    rows += [at_60(Setting(0, QUIET, *sky), seconds / 2) for sky in SKIES_UHD]
    return [*rows, at_60(Setting(0, 1.0, *SKIES_UHD[0]), seconds / 2)]


def at_30(setting: Setting, seconds: float) -> Row:
    """720p30: share of a core."""
    wait_for_quiet()
    found = cost(setting, HD, HD_HZ, round(seconds * HD_HZ))
    share = found.mean * HD_HZ / 1000
    name = f"scene 720p30, {setting.weather} {setting.time}, share of a core"
    bar = f"<= {MOST_OF_A_CORE:.0%}"
    return Row(name, f"{share:.1%}", str(found), "", bar, share <= MOST_OF_A_CORE)


def at_60(setting: Setting, seconds: float) -> Row:
    """2160p60: what a picture takes. Figures are what costs: full streets are only stated."""
    wait_for_quiet()
    found = cost(setting, UHD, UHD_HZ, round(seconds * UHD_HZ))
    street = "a full street" if setting.density > QUIET else "a quiet street"
    name = f"scene 2160p60, {street}, {setting.weather} {setting.time}, a picture"
    mean = f"{found.mean:.1f} ms"
    if setting.density > QUIET:
        return Row(name, mean, str(found))
    return Row(name, mean, str(found), "", f"mean <= {MOST_MS:g} ms", found.mean <= MOST_MS)


def cost(setting: Setting, size: tuple[int, int], rate_hz: float, pictures: int) -> Cost:
    """Draw so many pictures, one after the other."""
    began = time.thread_time()
    scene, picture = Scene(setting, *size, rate_hz), blank(*size)
    start = time.thread_time() - began
    spent = []
    for index in range(FIRST, FIRST + pictures):
        began = time.thread_time()
        scene.draw(index, picture)
        spent.append(time.thread_time() - began)
    later = np.array(spent[1:]) * 1000
    p50, p99 = np.percentile(later, (50, 99))
    return Cost(start * 1000, spent[0] * 1000, float(p50), float(p99), float(later.mean()))
