"""When which place in the traffic is taken, and by whom (pure).

A slot is a place in the traffic's timetable: each time that its turn comes round somebody else
takes it, or nobody. Vehicles and those who cross the road keep a common rhythm of CYCLE_S, as
with a traffic light: nobody is on the crossing while vehicles pass it.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from actors.camera.street.dice import chance
from actors.camera.street.view import ZEBRA, View
from actors.scenery import Setting

Path = Literal["walk", "cross", "stand", "park", "drive", "ride"]
CYCLE_S = 20.0
STAY_S = 3600.0  # for how long somebody stands or parks
VEHICLES_S = (10.4, 14.2, 18.0)  # when vehicles are at the crossing, a bus's length apart
BICYCLES_S = (9.6, 14.2, 18.4)
WALK = 0.72  # a person's heights a second
CROSSERS, WALKERS = 4, 6
FAR_WALKS, NEAR_WALKS = (0.475, 0.492, 0.51), (0.855, 0.905, 0.965)
STANDING = (0.468, 0.845)
STANDING_AT = ((0.1, 0.32), (0.42, 0.56), (0.74, 0.95))  # shares of the width, from and to
LANES = ((0.628, True), (0.742, False))  # foot and whether it goes left
CYCLE_LANE = 0.8
PARKED = 0.556
PARKED_AT = (-0.89, -0.42, 0.46)  # heights from the crossing
WAYS = {"walk": 0.408, "drive": 5.0, "ride": 3.4}  # beyond the picture's width, in its heights
USUAL: dict[Path, float] = {  # how often a slot is taken at density 1
    "walk": 0.5,
    "cross": 0.42,
    "stand": 0.36,
    "park": 0.44,
    "drive": 0.5,
    "ride": 0.55,
}
BUSES, UMBRELLAS = 0.34, 0.75
Row = tuple[Path, float, bool, float]


class Slot(NamedTuple):
    """One place in the timetable."""

    number: int
    path: Path
    foot: float  # where its figures stand, a share of the picture's height
    leftward: bool  # for those who cross: toward the camera
    at: float  # walkers: share of the period; vehicles: second of the cycle; else a place
    period_s: float
    lead_s: float  # vehicles: how long they have been under way when they are at the crossing

    def turn(self, seconds: float) -> float:
        """How often its turn has come, and how much of this one is over."""
        match self.path:
            case "walk":
                return seconds / self.period_s + self.at
            case "drive" | "ride":
                return (seconds - self.at + self.lead_s) / self.period_s + 1
            case "cross":
                return seconds / self.period_s
            case _:  # not all go at once
                return (seconds + self.number * 3.0) / self.period_s


class Guise(NamedTuple):
    """Who takes a slot this time."""

    here: bool
    look: int
    bus: bool
    brolly: bool
    sway: float  # -1..1, how far from its usual place and size


def timetable(setting: Setting, view: View) -> list[Slot]:
    """All slots of a street; the same setting and view give the same ones."""
    rows = _rows(np.random.default_rng((setting.seed, 1)))
    return [_slot(number, row, view) for number, row in enumerate(rows)]


def _slot(number: int, row: Row, view: View) -> Slot:
    path, foot, leftward, at = row
    period_s, lead_s = _period_s(path, foot, view), 0.0
    if path in {"drive", "ride"}:
        way = way_px(path, view)
        aside = view.x_px(ZEBRA) - view.x_px(0.5)
        lead_s = (aside * (-1 if leftward else 1) + way / 2) / (way / period_s)
    return Slot(number, path, foot, leftward, at, period_s, lead_s)


def _rows(random: np.random.Generator) -> Iterator[Row]:
    for walks, first in ((FAR_WALKS, 0), (NEAR_WALKS, 1)):
        for at in range(WALKERS):
            place = at / WALKERS + random.uniform(0, 0.1)
            yield "walk", walks[at % 3], bool((at + first) % 2), place
    for at in range(CROSSERS):
        yield "cross", 0.0, bool(at % 2), at / CROSSERS
    for foot in STANDING:
        for span in STANDING_AT:
            yield "stand", foot, False, random.uniform(*span)
    for place in PARKED_AT:
        leftward = bool(random.integers(2))
        yield "park", PARKED, leftward, place + random.uniform(-0.015, 0.015)
    for foot, leftward in LANES:
        for second in VEHICLES_S:
            yield "drive", foot, leftward, second
    for second in BICYCLES_S:
        yield "ride", CYCLE_LANE, False, second


def _period_s(path: Path, foot: float, view: View) -> float:
    match path:
        case "walk":
            return way_px(path, view) / (WALK * view.person_px(foot))
        case "drive" | "ride":  # wide pictures take more cycles to pass
            way = view.width / view.unit_px + 1.7
            return CYCLE_S * max(1.0, round(way / (6.6 if path == "drive" else 6.2)))
        case "cross":
            return CYCLE_S
        case _:
            return STAY_S


def way_px(path: Path, view: View) -> float:
    """From where figures come in, unseen, to where they are gone."""
    return view.width + WAYS[path] * view.unit_px


@lru_cache(maxsize=1024)
def guise(setting: Setting, slot: int, path: Path, passage: int) -> Guise:
    """Who takes a slot when its turn comes for the `passage`-th time."""
    random = np.random.default_rng((setting.seed, 2, slot, passage % (1 << 32)))
    return Guise(
        here=chance(random, USUAL[path] * setting.density),
        look=int(random.integers(1 << 31)),
        bus=chance(random, BUSES),
        brolly=chance(random, UMBRELLAS),
        sway=float(random.uniform(-1, 1)),
    )
