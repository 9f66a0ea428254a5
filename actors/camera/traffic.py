"""Who moves along the scene's street, and where they are when (pure)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from actors.camera.figures import KINDS, Sprite, sprite

Corners = tuple[int, int, int, int]  # left, top, right, bottom in pixels

PHASES = 6  # pictures of one step, or of one turn of a wheel


class Lane(NamedTuple):
    """A way across the picture, with its figures in the order in which they come."""

    foot: float  # where its figures stand, from the picture's top
    tall: float  # a person on it, in scene units (see `unit_px`)
    speed: float  # picture widths a second
    groups: tuple[tuple[str, ...], ...]  # the kinds that move as one
    leftward: bool = False


LANES = (  # from far to near: who stands lower hides who stands higher
    Lane(0.515, 0.15, 0.035, (("person",), ("person",), ("person",))),
    Lane(0.53, 0.155, 0.042, (("person",), ("person",)), leftward=True),
    Lane(0.645, 0.19, 0.085, (("car",), ("bus",), ("car",)), leftward=True),
    Lane(0.79, 0.24, 0.1, (("car",), ("car",), ("bus",))),
    Lane(0.86, 0.3, 0.065, (("bicycle", "rider"), ("bicycle", "rider"))),
    Lane(0.935, 0.34, 0.04, (("person",), ("person",)), leftward=True),
    Lane(0.985, 0.37, 0.047, (("person",), ("person",))),
)
TALL = {"person": 1.0, "rider": 0.86, "car": 0.85, "bus": 1.75, "bicycle": 0.6}  # in persons
SEAT = {"rider": 0.24}  # how far above the ground, in persons


class Placed(NamedTuple):
    """A figure in one picture; `left` is even and, as `top`, may lie outside."""

    label: str
    identity: int  # another one each time that it enters
    sprite: Sprite
    left: int
    top: int

    @property
    def extent(self) -> Corners:
        """Where the figure's own pixels lie."""
        left, top, right, bottom = self.sprite.bounds
        return self.left + left, self.top + top, self.left + right, self.top + bottom


class Figure(NamedTuple):
    """One mover and its way. Lengths are in pixels."""

    label: str
    steps: tuple[Sprite, ...]  # one cut-out a phase
    stride: float  # from one step to the same again
    top: int
    start: float
    speed: float  # a second
    span: int  # the way after which it enters again
    width: int  # the picture's
    leftward: bool

    def at(self, seconds: float, number: int, numbers: int) -> Placed:
        """Where it is. `number` of `numbers` figures is what its identities are made from."""
        way = self.start + self.speed * seconds
        passage, along = divmod(int(way), self.span)
        middle = along - (self.span - self.width) // 2
        step = self.steps[int(way / self.stride * PHASES) % PHASES]
        left = (self.width - middle if self.leftward else middle) - step.width // 2
        return Placed(self.label, passage * numbers + number, step, left // 2 * 2, self.top)


def unit_px(width: int, height: int) -> float:
    """What measures are fractions of: the height, or less if the picture is narrow."""
    return min(height, 0.75 * width)


def traffic(random: np.random.Generator, width: int, height: int) -> list[Figure]:
    """All figures of a street, from far to near. The same generator gives the same ones."""
    return [
        figure
        for lane in LANES
        for at, group in enumerate(lane.groups)
        for figure in _group(lane, at, group, random, (width, height))
    ]


def _group(
    lane: Lane,
    at: int,
    kinds: tuple[str, ...],
    random: np.random.Generator,
    size: tuple[int, int],
) -> Iterator[Figure]:
    width, height = size
    person_px = lane.tall * unit_px(width, height)
    longest_px = 2 * round(TALL["bus"] * person_px * KINDS["bus"].wide / 2 + 1)
    span = width + 2 * longest_px
    start = (at + random.uniform(-0.25, 0.25)) * span / len(lane.groups) + span
    for kind in kinds:
        tall_px, look = TALL[kind] * person_px, int(random.integers(1 << 31))
        steps = tuple(
            sprite(KINDS[kind], round(tall_px), look, phase / PHASES, leftward=lane.leftward)
            for phase in range(PHASES)
        )
        ground_px = lane.foot * height - SEAT.get(kind, 0.0) * person_px
        yield Figure(
            label=KINDS[kind].label,
            steps=steps,
            stride=0.9 * person_px,
            top=max(0, round(ground_px) - steps[0].height) // 2 * 2,
            start=start,
            speed=lane.speed * width,
            span=span,
            width=width,
            leftward=lane.leftward,
        )
