"""Who is where on the street, when (pure)."""

from collections.abc import Iterable, Iterator
from math import log
from typing import NamedTuple

from actors.camera.street.cast import LABELS, PHASES, STRIDE, TURN, Kind, Pose
from actors.camera.street.timetable import CYCLE_S, WALK, Guise, Slot, guise, timetable, way_px
from actors.camera.street.view import HORIZON, ZEBRA, View
from actors.scenery import Setting

CROSSING_S = (1.0, 7.5)  # when in a cycle people cross
CROSSING = (0.505, 0.862)  # from where to where, shares of the picture's height
APPROACH = (-0.15, 1.2)  # how far before and beyond they are shown, in crossings
BRISK = 1.15  # the pace of those who cross
SHUTTER_S = 1 / 90
GROW = 1.05  # figures are drawn in sizes this far apart
SMALLEST_PX = 3.0
UMBRELLAS = 0.3  # the share of rain from which on they are up


class Placed(NamedTuple):
    """A figure in one picture. `x` and `foot` are px on the view's canvas."""

    label: str
    identity: int  # another one each time that somebody enters
    pose: Pose
    x: int
    foot: int
    depth: float  # where it stands, from the picture's top, a share of the height


class Moment(NamedTuple):
    """A slot at a time: who has it, and how much of its turn is over."""

    slot: Slot
    who: Guise
    identity: int
    along: float
    seconds: float

    @property
    def way(self) -> int:
        return -1 if self.slot.leftward else 1


class Street:
    """The timetable of one setting and view."""

    def __init__(self, setting: Setting, view: View, rate_hz: float) -> None:
        self._setting, self._view = setting, view
        self._shutter_s = min(SHUTTER_S, 0.5 / rate_hz)
        self._slots = timetable(setting, view)

    def at(self, seconds: float, rain: float) -> list[Placed]:
        """All figures near the picture, from far to near; with rain there are umbrellas."""
        rains = rain > UMBRELLAS
        found = [
            placed for slot in self._slots for placed in self._placed(slot, seconds, rains=rains)
        ]
        return sorted(found, key=lambda placed: (placed.depth, placed.identity))

    def _placed(self, slot: Slot, seconds: float, *, rains: bool) -> Iterable[Placed]:
        passage, along = divmod(slot.turn(seconds), 1.0)
        who = guise(self._setting, slot.number, slot.path, int(passage))
        if not who.here:
            return ()
        if who.brolly and not rains:
            who = who._replace(brolly=False)
        identity = 2 * (int(passage) * len(self._slots) + slot.number)
        now = Moment(slot, who, identity, along, seconds)
        match slot.path:
            case "walk":
                return (self._walking(now),)
            case "cross":
                return self._crossing(now)
            case "drive" | "ride":
                return self._rolling(now)
            case _:
                return (self._staying(now),)

    def _walking(self, now: Moment) -> Placed:
        view, slot, who = self._view, now.slot, now.who
        foot = slot.foot + 0.006 * who.sway
        unit_px = view.person_px(foot) * (1 + 0.06 * who.sway)
        way = way_px(slot.path, view)
        x = (now.along - 0.5) * way * now.way + view.x_px(0.5)
        phase = _step(now.along * way / (STRIDE * unit_px), "walker")
        pose = Pose("walker", who.look, phase, sized(unit_px), slot.leftward, who.brolly)
        return self._figure(now.identity, pose, x, foot)

    def _crossing(self, now: Moment) -> Iterator[Placed]:
        slot, who, into_s = now.slot, now.who, now.seconds % CYCLE_S
        start, end = CROSSING_S
        share = (into_s - start) / (end - start)
        if not APPROACH[0] <= share <= APPROACH[1]:
            return
        share = share if slot.leftward else 1 - share
        far, near = CROSSING
        # Equal steps on the ground: what grows evenly is one over the size.
        foot = HORIZON + 1 / ((1 - share) / (far - HORIZON) + share / (near - HORIZON))
        unit_px = self._view.person_px(foot)
        aside = (slot.at - 0.375) * 2.2 + 0.25 * who.sway
        kind: Kind = "front" if slot.leftward else "back"
        phase = _step((into_s - start) * WALK / STRIDE * BRISK, kind)
        pose = Pose(kind, who.look, phase, sized(unit_px), brolly=who.brolly)
        yield self._figure(now.identity, pose, self._view.x_px(ZEBRA) + aside * unit_px, foot)

    def _rolling(self, now: Moment) -> Iterator[Placed]:
        view, slot, who = self._view, now.slot, now.who
        way, unit_px = way_px(slot.path, view), view.person_px(slot.foot)
        x = (now.along - 0.5) * way * now.way + view.x_px(0.5)
        blur_px = int(way / slot.period_s * self._shutter_s) | 1
        step = _step(now.along * way / (TURN * unit_px), "rider")
        kinds: tuple[Kind, ...] = ("bus" if who.bus else "car",)
        if slot.path == "ride":
            kinds = "bicycle", "rider"
        for at, kind in enumerate(kinds):
            phase = step if kind in PHASES else 0
            size_px = sized(unit_px)
            pose = Pose(kind, who.look, phase, size_px, slot.leftward, blur_px=blur_px)
            yield self._figure(now.identity + at, pose, x, slot.foot + at * 1e-6)

    def _staying(self, now: Moment) -> Placed:
        view, slot, who = self._view, now.slot, now.who
        unit_px = view.person_px(slot.foot)
        if slot.path == "park":
            pose = Pose("parked", who.look, 0, sized(unit_px), slot.leftward, who.brolly)
            x = view.x_px(ZEBRA) + slot.at * view.unit_px
        else:
            size_px = sized(unit_px * (1 + 0.05 * who.sway))
            pose = Pose("standing", who.look, 0, size_px, slot.leftward, who.brolly)
            x = view.x_px(slot.at)
        return self._figure(now.identity, pose, x, slot.foot)

    def _figure(self, identity: int, pose: Pose, x: float, foot: float) -> Placed:
        place = round(x), round(self._view.y_px(foot))
        return Placed(LABELS[pose.kind], identity, pose, *place, foot)


def sized(unit_px: float) -> float:
    """The nearest of the sizes that figures are drawn in."""
    return round(GROW ** round(log(max(unit_px, SMALLEST_PX)) / log(GROW)), 3)


def _step(turns: float, kind: Kind) -> int:
    return int(turns * PHASES[kind]) % PHASES[kind]
