"""Cars and buses (pure): lengths in a person's height, driving right."""

from collections.abc import Sequence
from itertools import pairwise
from math import cos, pi, sin

import numpy as np

from actors.camera.street.canvas import Canvas, Colour, Extent, Point, curve, ring, shaded
from actors.camera.street.dice import chance, pick
from actors.camera.street.looks import HAIR, SKIN

CAR_EXTENT: Extent = (-1.45, -1.2, 1.45, 0.04)
BUS_EXTENT: Extent = (-2.3, -1.85, 2.3, 0.04)
PAINT: tuple[Colour, ...] = (
    (58, 54, 190),
    (172, 112, 48),
    (226, 226, 224),
    (98, 146, 84),
    (168, 166, 160),
    (112, 102, 94),
    (60, 170, 226),
    (140, 82, 52),
    (150, 190, 200),
    (70, 80, 130),
)
BUS_PAINT: tuple[Colour, ...] = ((52, 52, 196), (176, 122, 44), (80, 150, 90), (48, 164, 226))
GLASS: Colour = (150, 132, 112)
TYRE: Colour = (42, 42, 46)
LAMP: Colour = (225, 245, 255)
TAIL: Colour = (40, 36, 235)
# Roof and bonnet of each body, from the rear bumper to the front one, over a common floor.
BODIES: dict[str, tuple[Point, ...]] = {
    "hatchback": (
        (-1.1, -0.5),
        (-0.98, -0.62),
        (-0.72, -0.84),
        (0.05, -0.86),
        (0.55, -0.56),
        (1.02, -0.46),
        (1.12, -0.3),
    ),
    "saloon": (
        (-1.24, -0.46),
        (-1.12, -0.53),
        (-0.8, -0.56),
        (-0.46, -0.8),
        (0.2, -0.81),
        (0.62, -0.55),
        (1.14, -0.45),
        (1.24, -0.28),
    ),
    "estate": (
        (-1.24, -0.48),
        (-1.18, -0.62),
        (-1.02, -0.82),
        (0.16, -0.84),
        (0.62, -0.55),
        (1.14, -0.45),
        (1.24, -0.28),
    ),
    "van": (
        (-1.22, -0.6),
        (-1.2, -1.02),
        (-1.08, -1.1),
        (0.42, -1.1),
        (0.78, -0.66),
        (1.16, -0.54),
        (1.25, -0.3),
    ),
}
WINDOWS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "hatchback": (
        ((-0.86, -0.57), (-0.66, -0.77), (-0.26, -0.785), (-0.26, -0.56)),
        ((-0.2, -0.56), (-0.2, -0.785), (0.03, -0.785), (0.42, -0.56)),
    ),
    "saloon": (
        ((-0.68, -0.55), (-0.42, -0.735), (-0.14, -0.74), (-0.14, -0.55)),
        ((-0.08, -0.55), (-0.08, -0.74), (0.17, -0.74), (0.5, -0.55)),
    ),
    "estate": (
        ((-1.06, -0.57), (-0.95, -0.755), (-0.62, -0.765), (-0.62, -0.56)),
        ((-0.56, -0.56), (-0.56, -0.765), (-0.16, -0.77), (-0.16, -0.56)),
        ((-0.1, -0.56), (-0.1, -0.77), (0.14, -0.77), (0.5, -0.56)),
    ),
    "van": (((0.0, -0.7), (0.0, -1.0), (0.38, -1.0), (0.64, -0.7)),),
}
NAMES = tuple(BODIES)


def car(canvas: Canvas, number: int, *, moving: bool) -> None:
    """A car; a van is one too. Wheels that turn are blurred."""
    random = np.random.default_rng(number)
    name = NAMES[random.choice(len(NAMES), p=(0.34, 0.28, 0.22, 0.16))]
    paint = pick(random, PAINT)
    roof = BODIES[name]
    ends = roof[0][0], roof[-1][0]
    outline = _rounded(roof, ends)
    canvas.poly(paint, outline)
    _body_shade(canvas)
    canvas.poly(
        shaded(paint, 0.62),
        (
            (ends[0] + 0.06, -0.2),
            (ends[1] - 0.04, -0.2),
            (ends[1] - 0.1, -0.12),
            (ends[0] + 0.1, -0.12),
        ),
    )
    canvas.line(shaded(paint, 1.25), 0.014, (ends[0] + 0.1, -0.46), (ends[1] - 0.2, -0.43))
    for window in WINDOWS[name]:
        _pane(canvas, window)
    if moving:
        _driver(canvas, random, (0.12, -0.6) if name != "van" else (0.25, -0.78))
    for x in (-0.22, 0.46, -0.86)[: 3 if name == "estate" else 2]:
        canvas.line(shaded(paint, 0.72), 0.01, (x, -0.53), (x, -0.2))
        canvas.line(shaded(paint, 0.6), 0.02, (x - 0.16, -0.43), (x - 0.07, -0.43))
    for x in (ends[0] + 0.42, ends[1] - 0.42):
        _wheel(canvas, (x, -0.185), 0.185, moving=moving)
    canvas.smooth(
        LAMP,
        [
            (ends[1] - 0.16, -0.42),
            (ends[1] - 0.03, -0.38),
            (ends[1] - 0.02, -0.31),
            (ends[1] - 0.14, -0.34),
        ],
    )
    canvas.box(TAIL, ends[0] + 0.0, -0.47, ends[0] + 0.08, -0.36)
    canvas.box((60, 60, 66), ends[1] - 0.08, -0.22, ends[1] + 0.0, -0.17)
    if moving:
        _lights(canvas, (ends[1] - 0.06, -0.37), (ends[0] + 0.04, -0.42))


def bus(canvas: Canvas, number: int, *, moving: bool) -> None:
    """A city bus with people's heads in its windows."""
    random = np.random.default_rng(number)
    paint = pick(random, BUS_PAINT)
    left, right, roof = -2.12, 2.12, -1.68
    canvas.poly(paint, _slab(left, right, roof, -0.14))
    canvas.poly((228, 230, 230), _slab(left, right, roof, roof + 0.2))
    _body_shade(canvas)
    canvas.box(shaded(paint, 0.62), left + 0.04, -0.26, right - 0.04, -0.14)
    canvas.box((232, 232, 232), left + 0.02, -0.62, right - 0.02, -0.56)
    panes = np.linspace(left + 0.1, right - 0.52, 8)
    for start, end in pairwise(panes):
        pane = (
            (start + 0.02, -1.36),
            (end - 0.02, -1.36),
            (end - 0.02, -0.78),
            (start + 0.02, -0.78),
        )
        _pane(canvas, pane)
        canvas.shine((150, 215, 245), pane, 0.3)
        if chance(random, 0.5):
            _driver(canvas, random, (float(start + end) / 2, -0.86))
    for x in (-0.72, 1.72):  # doors
        _pane(canvas, ((x, -1.36), (x + 0.3, -1.36), (x + 0.3, -0.26), (x, -0.26)))
        canvas.line((70, 70, 76), 0.018, (x + 0.15, -1.36), (x + 0.15, -0.26))
    canvas.box((40, 40, 44), 0.55, roof + 0.05, 1.5, roof + 0.19)
    digits = [(0.62 + 0.1 * at, roof + 0.12) for at in range(8)]
    for at, (x, y) in enumerate(digits):
        if chance(random, 0.8):
            canvas.box((70, 190, 250), x, y - 0.035, x + 0.06 + 0.02 * (at % 2), y + 0.035)
            canvas.shine(
                (70, 190, 250),
                ((x, y - 0.035), (x + 0.07, y - 0.035), (x + 0.07, y + 0.035), (x, y + 0.035)),
            )
    for x in (left + 0.72, right - 0.78):
        _wheel(canvas, (x, -0.22), 0.22, moving=moving)
    canvas.box(LAMP, right - 0.08, -0.5, right - 0.01, -0.36)
    canvas.box(TAIL, left + 0.01, -0.56, left + 0.07, -0.38)
    _lights(canvas, (right - 0.03, -0.43), (left + 0.03, -0.46))


def _slab(left: float, right: float, top: float, bottom: float) -> list[Point]:
    r = 0.09
    corners = (
        (left + r, top + r, pi),
        (right - r, top + r, 1.5 * pi),
        (right - r, bottom - r, 0),
        (left + r, bottom - r, pi / 2),
    )
    return [
        (x + r * cos(start + turn), y + r * sin(start + turn))
        for x, y, start in corners
        for turn in np.linspace(0, pi / 2, 6)
    ]


def _rounded(roof: Sequence[Point], ends: tuple[float, float]) -> list[Point]:
    """The roof as a curve over a flat floor; what the curve makes of the floor is left out."""
    rear, front = ends
    steps = 5
    found = curve([roof[0], *roof, roof[-1]], steps)
    return [
        *found[steps : steps * len(roof) + 1],
        (front + 0.015, -0.22),
        (front - 0.06, -0.12),
        (rear + 0.06, -0.12),
        (rear - 0.01, -0.22),
    ]


def _body_shade(canvas: Canvas) -> None:
    """Light from above: bright shoulders, a dark sill."""
    canvas.shade(1.22, 0.84, down=True)


def _pane(canvas: Canvas, corners: Sequence[Point]) -> None:
    canvas.poly(GLASS, corners)
    (x0, y0), (x1, y1) = corners[0], corners[2]
    low, high = min(y0, y1), max(y0, y1)
    lean = (high - low) * 0.5
    middle = (x0 + x1) / 2
    band = (
        (middle, low),
        (middle + 0.08, low),
        (middle + 0.08 - lean, high),
        (middle - lean, high),
    )
    inside = [(min(max(x, min(x0, x1)), max(x0, x1)), y) for x, y in band]
    canvas.poly((192, 178, 160), inside)


def _driver(canvas: Canvas, random: np.random.Generator, at: Point) -> None:
    x, y = at
    canvas.disc(shaded(pick(random, HAIR), 0.8), (x - 0.01, y - 0.03), 0.066)
    canvas.disc(shaded(pick(random, SKIN), 0.66), (x + 0.012, y - 0.012), 0.054)


def _wheel(canvas: Canvas, centre: Point, radius: float, *, moving: bool) -> None:
    canvas.disc((34, 34, 38), centre, radius * 1.14)
    canvas.disc(TYRE, centre, radius)
    canvas.disc((150, 150, 152) if moving else (184, 186, 188), centre, radius * 0.62)
    canvas.disc((120, 120, 124), centre, radius * 0.5)
    if not moving:
        for turn in np.arange(0, 2 * pi, 2 * pi / 5):
            end = centre[0] + radius * 0.56 * cos(turn), centre[1] + radius * 0.56 * sin(turn)
            canvas.line((190, 192, 194), radius * 0.16, centre, end)
    canvas.disc((176, 178, 180), centre, radius * 0.16)


def _lights(canvas: Canvas, front: Point, rear: Point) -> None:
    canvas.shine((205, 242, 255), ring(front, 0.07))
    canvas.shine((30, 30, 250), ring(rear, 0.05))
