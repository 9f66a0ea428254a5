"""Bicycles and who rides them (pure): lengths in a person's height, rolling right."""

from math import cos, pi, sin

import numpy as np

from actors.camera.street.canvas import Canvas, Colour, Extent, Point, ring, shaded
from actors.camera.street.dice import pick
from actors.camera.street.looks import CLOTHES, look_of

EXTENT: Extent = (-0.6, -1.12, 0.6, 0.03)
WHEEL = 0.185
REAR: Point = (-0.29, -WHEEL - 0.012)
FRONT: Point = (0.3, -WHEEL - 0.012)
CRANK: Point = (-0.03, -0.175)
CRANK_ARM = 0.085
SADDLE: Point = (-0.14, -0.53)
BAR: Point = (0.2, -0.6)
TYRE: Colour = (44, 44, 48)


def bicycle(canvas: Canvas, number: int, phase: float) -> None:
    """The machine alone; its rider is a figure of its own."""
    paint = pick(np.random.default_rng(number + 1), CLOTHES)
    for x, y in (REAR, FRONT):
        canvas.line(TYRE, 0.03, *ring((x, y), WHEEL), (x + WHEEL, y))
        canvas.line((176, 178, 180), 0.011, *ring((x, y), WHEEL - 0.022), (x + WHEEL - 0.022, y))
        for spoke in range(5):
            turn = pi * spoke / 5 + pi * phase / 2.5
            dx, dy = WHEEL * 0.88 * cos(turn), WHEEL * 0.88 * sin(turn)
            canvas.line((168, 170, 172), 0.006, (x - dx, y - dy), (x + dx, y + dy))
        canvas.disc((90, 90, 94), (x, y), 0.024)
    seat, head = (-0.11, -0.45), (0.185, -0.48)
    for tube in ((REAR, CRANK), (REAR, seat)):
        canvas.line(shaded(paint, 0.8), 0.022, *tube)
    canvas.line(paint, 0.034, CRANK, head)
    canvas.line(shaded(paint, 1.15), 0.034, seat, head)
    canvas.line(paint, 0.032, CRANK, (-0.13, -0.5))
    canvas.line(paint, 0.03, FRONT, (0.18, -0.56))
    canvas.line((70, 70, 74), 0.026, (0.18, -0.56), (0.17, -0.6), (0.235, -0.61))
    canvas.line((48, 48, 54), 0.045, (-0.19, -0.525), (-0.09, -0.53))
    canvas.disc((96, 96, 100), CRANK, 0.045)
    for pedal in _pedals(phase):
        canvas.line((110, 110, 114), 0.016, CRANK, pedal)
        canvas.line((60, 60, 62), 0.02, (pedal[0] - 0.03, pedal[1]), (pedal[0] + 0.03, pedal[1]))
    canvas.shine((235, 250, 255), ring((0.25, -0.5), 0.02))
    canvas.shine((40, 40, 250), ring((-0.22, -0.45), 0.015))


def rider(canvas: Canvas, number: int, phase: float) -> None:
    """Somebody as they sit on a bicycle and pedal."""
    look = look_of(number)
    hip, shoulder, hand = (-0.13, -0.575), (0.02, -0.85), (0.2, -0.615)
    far, near = _pedals(phase + 0.5)[0], _pedals(phase)[0]
    for pedal, share in ((far, 0.72), (near, 1.0)):
        knee = _knee(hip, pedal)
        canvas.line(
            shaded(look.shoes, share),
            0.042,
            (pedal[0] - 0.02, pedal[1] - 0.02),
            (pedal[0] + 0.05, pedal[1] - 0.014),
        )
        canvas.line(shaded(look.legs, share), 0.064, knee, (pedal[0], pedal[1] - 0.045))
        canvas.line(shaded(look.legs, share), 0.088, hip, knee)
    if look.carries == "backpack":
        canvas.line(look.bag, 0.12, (-0.13, -0.72), (-0.07, -0.83))
    canvas.line(
        look.top, 0.15, (hip[0] + 0.015, hip[1] + 0.005), (shoulder[0] - 0.02, shoulder[1] + 0.03)
    )
    canvas.disc(shaded(look.top, 1.05), (shoulder[0] - 0.012, shoulder[1] + 0.02), 0.078)
    canvas.line(shaded(look.skin, 0.86), 0.055, (0.04, -0.88), (0.06, -0.93))
    canvas.disc(look.skin, (0.075, -0.975), 0.062, 1.15)
    canvas.smooth(
        look.bag,
        [
            (-0.005, -0.99),
            (0.02, -1.05),
            (0.09, -1.065),
            (0.15, -1.02),
            (0.145, -0.995),
            (0.06, -1.0),
        ],
    )
    elbow = (0.07, -0.69)
    canvas.line(
        shaded(look.top, 0.9),
        0.055,
        (shoulder[0], shoulder[1] + 0.02),
        elbow,
        (hand[0] - 0.03, hand[1] + 0.003),
    )
    canvas.disc(look.skin, hand, 0.027)
    canvas.shade(1.1, 0.88)


def _pedals(phase: float) -> list[Point]:
    turn = 2 * pi * phase
    x, y = CRANK_ARM * cos(turn), CRANK_ARM * sin(turn)
    return [(CRANK[0] + x, CRANK[1] + y), (CRANK[0] - x, CRANK[1] - y)]


def _knee(hip: Point, foot: Point, thigh: float = 0.235, shin: float = 0.235) -> Point:
    """Where the knee is, in front of the line from hip to foot."""
    way = np.array(foot) - hip
    far = min(float(np.hypot(*way)), thigh + shin - 0.001)
    along = (thigh**2 - shin**2 + far**2) / (2 * far)
    out = np.sqrt(max(0.0, thigh**2 - along**2))
    x, y = np.array(hip) + way / far * along + np.array((way[1], -way[0])) / far * out
    return float(x), float(y)
