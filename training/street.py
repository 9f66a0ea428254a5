"""Which streets are drawn for learning, for choosing and for judging (pure).

A split is a range of seeds that no other split has, so no street, no figure and no weather of
one is ever seen in another. What a seed stands for depends on nothing but the seed.
"""

from enum import Enum
from typing import NamedTuple

import numpy as np

from actors.scenery import DENSEST, TIMES, WEATHERS, Setting, TimeOfDay, Weather

RATE_HZ = 30.0
LAST_INDEX = 60 * 60 * 30  # an hour: pictures are taken anywhere within
SKIES: tuple[tuple[Weather, TimeOfDay], ...] = tuple(
    (weather, time) for weather in WEATHERS for time in TIMES if "auto" not in (weather, time)
)
TRAIN_SIZES = (  # width and height in pixels, and how often
    ((1280, 720), 0.3),
    ((640, 360), 0.25),
    ((960, 540), 0.25),
    ((1920, 1080), 0.05),
    ((640, 480), 0.07),
    ((960, 600), 0.05),
    ((540, 540), 0.03),
)
JUDGED_SIZES = ((1280, 720), (1280, 720), (1280, 720), (640, 360), (1920, 1080))
DRIFTING = 0.15  # share of training streets whose sky is the scene's own choice
EMPTY = 0.05  # share of them where nobody is


class Split(Enum):
    """A use of pictures; the value is its first seed."""

    TRAIN = 0
    VALIDATION = 1_000_000
    TEST = 2_000_000


class Street(NamedTuple):
    """One street and the numbers of the pictures to take of it."""

    setting: Setting
    width: int
    height: int
    indices: tuple[int, ...]


def street(split: Split, number: int, pictures: int) -> Street:
    """The split's street `number`, with `pictures` pictures spread over an hour."""
    seed = split.value + number
    random = np.random.default_rng(seed)
    indices = tuple(int(index) for index in random.integers(LAST_INDEX, size=pictures))
    if split is Split.TRAIN:
        return _any_street(seed, random, indices)
    return _judged_street(seed, number, random, indices)


def _any_street(seed: int, random: np.random.Generator, indices: tuple[int, ...]) -> Street:
    weather, time = SKIES[random.integers(len(SKIES))]
    if random.random() < DRIFTING:
        weather, time = "auto", "auto"
    density = 0.0 if random.random() < EMPTY else float(random.uniform(0, DENSEST))
    sizes, shares = zip(*TRAIN_SIZES, strict=True)
    width, height = sizes[random.choice(len(sizes), p=shares)]
    return Street(Setting(seed, density, weather, time), width, height, indices)


def _judged_street(
    seed: int, number: int, random: np.random.Generator, indices: tuple[int, ...]
) -> Street:
    """Skies and sizes in turn, so that each has its share however few streets are taken."""
    weather, time = SKIES[number % len(SKIES)]
    width, height = JUDGED_SIZES[number // len(SKIES) % len(JUDGED_SIZES)]
    density = float(random.uniform(0, DENSEST))
    return Street(Setting(seed, density, weather, time), width, height, indices)
