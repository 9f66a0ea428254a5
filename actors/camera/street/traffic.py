"""Who is where on the street, when (pure). A slot is a place in the traffic's timetable: each
time that its turn comes round somebody else takes it, or nobody.

Vehicles and those who cross the road keep a common rhythm of CYCLE_S, as with a traffic light:
nobody is on the crossing while vehicles pass it.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from actors.camera.street.cast import LABELS, PHASES, STRIDE, TURN, Kind, Pose
from actors.camera.street.view import HORIZON, ZEBRA, View
from actors.setting import Setting

CYCLE_S = 20.0
CROSSING_S = (1.0, 7.5)  # when in a cycle people cross
VEHICLES_S = (10.4, 14.2, 18.0)  # when vehicles are at the crossing, a bus's length apart
BICYCLES_S = (9.6, 14.2, 18.4)
WALK = 0.72  # a person's heights a second
SHUTTER_S = 1 / 90
GROW = 1.05  # figures are drawn in sizes this far apart
SPAN = 3.4  # the way through the scene, in heights of the picture beyond its width
FAR_WALKS, NEAR_WALKS = (0.475, 0.492, 0.51), (0.855, 0.905, 0.965)
STANDING = (0.468, 0.845)
LANES = ((0.628, True), (0.742, False))  # foot and whether it goes left
CYCLE_LANE = 0.8
PARKED = 0.556
PARKED_AT = (-0.89, -0.42, 0.46)  # heights from the crossing


class Placed(NamedTuple):
    """A figure in one picture. `x` and `foot` are px on the view's canvas."""

    label: str
    identity: int
    pose: Pose
    x: int
    foot: int
    depth: float  # where it stands, from the picture's top, a share of the height


class Slot(NamedTuple):
    """One place in the timetable."""

    number: int
    path: str  # "walk", "cross", "stand", "drive", "ride" or "park"
    foot: float
    leftward: bool
    at: float  # walkers: share of their period; vehicles: second of the cycle; else share of width
    period_s: float


class Guise(NamedTuple):
    """Who takes a slot this time."""

    here: bool
    look: int
    bus: bool
    brolly: bool
    sway: float  # -1..1, how far from its usual place or time


def timetable(setting: Setting, view: View) -> list[Slot]:
    """All slots of a street; the same setting and view give the same ones."""
    random = np.random.default_rng((setting.seed, 1))
    plan = [
        *(("walk", foot, bool(at % 2), at / 6 + random.uniform(0, 0.1)) for at in range(6) for foot in (FAR_WALKS[at % 3],)),
        *(("walk", foot, bool((at + 1) % 2), at / 6 + random.uniform(0, 0.1)) for at in range(6) for foot in (NEAR_WALKS[at % 3],)),
        *(("cross", 0.0, bool(at % 2), at / 4) for at in range(4)),
        *(("stand", foot, False, random.uniform(*span)) for foot in STANDING for span in ((0.1, 0.32), (0.42, 0.56), (0.74, 0.95))),
        *(("park", PARKED, bool(random.integers(2)), at + random.uniform(-0.015, 0.015)) for at in PARKED_AT),
        *(("drive", foot, left, at) for foot, left in LANES for at in VEHICLES_S),
        *(("ride", CYCLE_LANE, False, at) for at in BICYCLES_S),
    ]
    return [
        Slot(number, path, foot, leftward, at, _period_s(path, foot, view))
        for number, (path, foot, leftward, at) in enumerate(plan)
    ]


def _period_s(path: str, foot: float, view: View) -> float:
    if path == "walk":
        way_px = view.width + SPAN * view.unit_px * 0.12
        return way_px / (WALK * view.person_px(foot))
    if path in {"drive", "ride"}:  # wide pictures take more cycles to pass
        way = view.width / view.unit_px + 1.7
        return CYCLE_S * max(1.0, round(way / (6.6 if path == "drive" else 6.2)))
    return CYCLE_S if path == "cross" else 3600.0


@lru_cache(maxsize=1024)
def guise(setting: Setting, slot: int, path: str, passage: int) -> Guise:
    random = np.random.default_rng((setting.seed, 2, slot, passage % (1 << 32)))
    usual = {"walk": 0.5, "cross": 0.42, "stand": 0.36, "park": 0.44, "drive": 0.5, "ride": 0.55}
    return Guise(
        here=bool(random.random() < usual[path] * setting.density),
        look=int(random.integers(1 << 31)),
        bus=bool(random.random() < 0.34),
        brolly=bool(random.random() < 0.75),
        sway=float(random.uniform(-1, 1)),
    )


class Street:
    """The timetable of one setting and view."""

    def __init__(self, setting: Setting, view: View, rate_hz: float) -> None:
        self._setting, self._view = setting, view
        self._shutter_s = min(SHUTTER_S, 0.5 / rate_hz)
        self._slots = timetable(setting, view)

    def at(self, seconds: float, rain: float) -> list[Placed]:
        """All figures near the picture, from far to near; with rain there are umbrellas."""
        found = [
            placed for slot in self._slots for placed in self._placed(slot, seconds, rain > 0.3)
        ]
        return sorted(found, key=lambda placed: (placed.depth, placed.identity))

    def _placed(self, slot: Slot, seconds: float, rains: bool) -> Iterator[Placed]:  # noqa: FBT001 private
        clock_s = seconds + slot.number * 3.0 if slot.path in {"stand", "park"} else seconds
        share = slot.at if slot.path == "walk" else 0.0
        passage, along = divmod(clock_s / slot.period_s + share, 1.0)
        who = guise(self._setting, slot.number, slot.path, int(passage))
        identity = int(passage) * 2 * len(self._slots) + 2 * slot.number
        who = who._replace(brolly=who.brolly and rains)
        match slot.path:
            case "walk":
                yield from self._walk(slot, who, identity, along)
            case "cross":
                yield from self._cross(slot, who, identity, seconds)
            case "drive" | "ride":
                yield from self._roll(slot, seconds)
            case _:
                yield from self._stay(slot, who, identity)

    def _walk(self, slot: Slot, who: Guise, identity: int, along: float) -> Iterator[Placed]:
        if not who.here:
            return
        view, foot = self._view, slot.foot + 0.006 * who.sway
        unit_px = view.person_px(foot) * (1 + 0.06 * who.sway)
        way_px = view.width + SPAN * view.unit_px * 0.12
        x = (along - 0.5) * way_px * (-1 if slot.leftward else 1) + view.x_px(0.5)
        phase = _step(along * way_px / (STRIDE * unit_px), "walker")
        pose = Pose("walker", who.look, phase, sized(unit_px), slot.leftward, who.brolly)
        yield self._figure(identity, pose, x, foot)

    def _cross(self, slot: Slot, who: Guise, identity: int, seconds: float) -> Iterator[Placed]:
        cycle, into_s = divmod(seconds, CYCLE_S)
        brolly = who.brolly
        who = guise(self._setting, slot.number, slot.path, int(cycle))._replace(brolly=brolly)
        identity = int(cycle) * 2 * len(self._slots) + 2 * slot.number
        start, end = CROSSING_S
        share = (into_s - start) / (end - start)
        if not (who.here and -0.15 <= share <= 1.2):
            return
        toward = slot.leftward
        share = share if toward else 1 - share
        far, near = 0.505, 0.862
        # Equal steps on the ground: what grows evenly is one over the size.
        foot = HORIZON + 1 / ((1 - share) / (far - HORIZON) + share / (near - HORIZON))
        unit_px = self._view.person_px(foot)
        if not 0.4 < foot < 1.3:
            return
        aside = (slot.at - 0.375) * 2.2 + 0.25 * who.sway
        x = self._view.x_px(ZEBRA) + aside * unit_px
        kind: Kind = "front" if toward else "back"
        phase = _step((into_s - start) * WALK / STRIDE * 1.15, kind)
        pose = Pose(kind, who.look, phase, sized(unit_px), brolly=who.brolly)
        yield self._figure(identity, pose, x, foot)

    def _roll(self, slot: Slot, seconds: float) -> Iterator[Placed]:
        view = self._view
        way_px = view.width + (5.0 if slot.path == "drive" else 3.4) * view.unit_px
        speed = way_px / slot.period_s
        ahead_px = (view.x_px(ZEBRA) - view.x_px(0.5)) * (-1 if slot.leftward else 1) + way_px / 2
        turn = (seconds - slot.at + ahead_px / speed) / slot.period_s + 1
        passage, along = divmod(turn, 1.0)
        who = guise(self._setting, slot.number, slot.path, int(passage))
        if not who.here:
            return
        identity = int(passage) * 2 * len(self._slots) + 2 * slot.number
        x = (along - 0.5) * way_px * (-1 if slot.leftward else 1) + view.x_px(0.5)
        foot, unit_px = slot.foot, view.person_px(slot.foot)
        blur_px = int(speed * self._shutter_s) | 1
        phase = _step(along * way_px / (TURN * unit_px), "rider")
        kinds: tuple[Kind, ...] = ("bicycle", "rider") if slot.path == "ride" else ("bus" if who.bus else "car",)
        for at, kind in enumerate(kinds):
            pose = Pose(kind, who.look, phase if kind in PHASES else 0, sized(unit_px), slot.leftward, blur_px=blur_px)
            yield self._figure(identity + at, pose, x, foot + at * 1e-6)

    def _stay(self, slot: Slot, who: Guise, identity: int) -> Iterator[Placed]:
        if not who.here:
            return
        kind: Kind = "parked" if slot.path == "park" else "standing"
        x = self._view.x_px(slot.at)
        if kind == "parked":
            x = self._view.x_px(ZEBRA) + slot.at * self._view.unit_px
        unit_px = self._view.person_px(slot.foot) * (1 + 0.05 * who.sway * (kind == "standing"))
        pose = Pose(kind, who.look, 0, sized(unit_px), slot.leftward, who.brolly)
        yield self._figure(identity, pose, x, slot.foot)

    def _figure(self, identity: int, pose: Pose, x: float, foot: float) -> Placed:
        place = round(x), round(self._view.y_px(foot))
        return Placed(LABELS[pose.kind], identity, pose, *place, foot)


def sized(unit_px: float) -> float:
    """The nearest of the sizes that figures are drawn in."""
    return float(round(GROW ** round(np.log(max(unit_px, 3.0)) / np.log(GROW)), 3))


def _step(turns: float, kind: Kind) -> int:
    return int(turns * PHASES[kind]) % PHASES[kind]


