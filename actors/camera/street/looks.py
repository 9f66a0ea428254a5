"""How people are built, dressed and what they carry (pure)."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from actors.camera.street.canvas import Colour
from actors.camera.street.dice import chance, pick

SKIN: tuple[Colour, ...] = ((150, 185, 228), (96, 134, 188), (66, 92, 136), (172, 204, 240))
HAIR: tuple[Colour, ...] = (
    (38, 44, 58),
    (44, 66, 98),
    (92, 152, 200),
    (50, 60, 140),
    (160, 164, 168),
)
CLOTHES: tuple[Colour, ...] = (
    (72, 66, 196),
    (176, 104, 52),
    (82, 140, 74),
    (52, 160, 222),
    (142, 82, 136),
    (204, 206, 210),
    (112, 98, 88),
    (150, 150, 60),
    (96, 116, 224),
    (190, 164, 120),
)
TROUSERS: tuple[Colour, ...] = (
    (124, 88, 62),
    (88, 84, 82),
    (94, 122, 152),
    (150, 122, 92),
    (70, 88, 108),
)
BROLLIES: tuple[Colour, ...] = ((60, 60, 190), (150, 90, 40), (70, 180, 230), (90, 130, 80))


class Look(NamedTuple):
    """How somebody is built and dressed."""

    skin: Colour
    hair: Colour
    top: Colour
    legs: Colour
    shoes: Colour
    bag: Colour
    brolly: Colour
    broad: float  # 1 is usual
    long_hair: bool
    skirt: bool
    coat: bool
    carries: str  # "", "bag", "backpack"


@lru_cache(maxsize=256)
def look_of(number: int) -> Look:
    random = np.random.default_rng(number)
    woman = chance(random, 0.5)
    return Look(
        skin=pick(random, SKIN),
        hair=pick(random, HAIR),
        top=pick(random, CLOTHES),
        legs=pick(random, TROUSERS),
        shoes=pick(random, ((52, 52, 58), (60, 72, 96), (215, 215, 218))),
        bag=pick(random, CLOTHES),
        brolly=pick(random, BROLLIES),
        broad=float(random.uniform(0.88, 1.22)) * (0.93 if woman else 1.0),
        long_hair=woman and chance(random, 0.75),
        skirt=woman and chance(random, 0.35),
        coat=chance(random, 0.3),
        carries=str(random.choice(["", "", "bag", "backpack"])),
    )
