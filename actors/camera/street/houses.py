"""House fronts with shops (pure): lengths in picture heights, the foot at (0, 0)."""

from typing import NamedTuple

import numpy as np

from actors.camera.street.art import Art
from actors.camera.street.canvas import Canvas, Colour, shaded
from actors.camera.street.dice import chance, pick
from actors.camera.street.view import WALL_FOOT

WALLS: tuple[Colour, ...] = (
    (150, 176, 206),
    (128, 146, 190),
    (168, 190, 206),
    (176, 180, 176),
    (140, 168, 158),
    (120, 138, 172),
    (192, 206, 218),
    (176, 160, 150),
    (138, 182, 214),
)
ROOFS: tuple[Colour, ...] = ((84, 92, 140), (96, 92, 90), (78, 84, 116), (110, 104, 98))
SIGNS: tuple[Colour, ...] = (
    (76, 60, 48),
    (60, 96, 60),
    (60, 60, 150),
    (130, 90, 50),
    (52, 110, 170),
)
AWNINGS: tuple[Colour, ...] = ((70, 70, 190), (90, 130, 70), (170, 120, 60), (70, 160, 220))
PANE: Colour = (146, 128, 104)
FRAME: Colour = (226, 230, 232)
LIT: tuple[Colour, ...] = ((120, 200, 250), (150, 215, 250), (100, 170, 235))
SHOP, FLOOR = 0.142, 0.105


class House(NamedTuple):
    """One front."""

    wide: float
    floors: int
    wall: Colour
    roof: Colour
    roof_tall: float
    gable: bool


def houses(art: Art, random: np.random.Generator) -> None:
    """A row from edge to edge."""
    left, right = -0.05, art.width / art.unit + 0.05
    before: Colour | None = None
    while left < right:
        wall = pick(random, [colour for colour in WALLS if colour != before])
        house = House(
            float(random.uniform(0.26, 0.4)),
            int(random.choice([1, 1, 2, 2])),
            wall,
            pick(random, ROOFS),
            float(random.uniform(0.045, 0.075)),
            chance(random, 0.3),
        )
        before = wall
        canvas = Canvas((-0.03, -0.62, house.wide + 0.03, 0.0), art.unit)
        _house(canvas, house, random)
        art.place(canvas, left * art.unit, art.y(WALL_FOOT), WALL_FOOT - 0.04)
        left += house.wide


def _house(canvas: Canvas, house: House, random: np.random.Generator) -> None:
    top = -(SHOP + house.floors * FLOOR + 0.012)
    _roof(canvas, house, top, random)
    canvas.box(house.wall, 0, top, house.wide, 0)
    canvas.box(shaded(house.wall, 0.84), house.wide - 0.006, top, house.wide, 0)
    canvas.box(shaded(house.wall, 1.1), 0, top, 0.004, 0)
    if house.gable:
        canvas.poly(
            house.wall,
            ((0.02, top), (house.wide / 2, top - house.roof_tall * 1.35), (house.wide - 0.02, top)),
        )
        canvas.disc(PANE, (house.wide / 2, top - house.roof_tall * 0.45), 0.012)
    _courses(canvas, house, top, random)
    canvas.box(shaded(house.wall, 1.16), -0.004, top - 0.008, house.wide + 0.004, top + 0.006)
    canvas.box(shaded(house.wall, 0.75), 0, top + 0.006, house.wide, top + 0.01)
    for floor in range(house.floors):
        _storey(canvas, house, -(SHOP + floor * FLOOR), random)
    _shop(canvas, house, random)


def _roof(canvas: Canvas, house: House, top: float, random: np.random.Generator) -> None:
    ridge = top - house.roof_tall
    chimney = float(random.uniform(0.15, 0.8)) * house.wide
    canvas.box((92, 104, 138), chimney, ridge - 0.035, chimney + 0.028, top)
    canvas.box((76, 86, 116), chimney - 0.004, ridge - 0.042, chimney + 0.032, ridge - 0.032)
    canvas.poly(
        house.roof,
        ((-0.008, top), (0.03, ridge), (house.wide - 0.03, ridge), (house.wide + 0.008, top)),
    )
    for row in np.linspace(ridge, top, 6)[1:-1]:
        canvas.line(
            shaded(house.roof, 0.88), 0.0016, (0.02, float(row)), (house.wide - 0.02, float(row))
        )
    canvas.line(shaded(house.roof, 1.25), 0.004, (0.03, ridge), (house.wide - 0.03, ridge))


def _courses(canvas: Canvas, house: House, top: float, random: np.random.Generator) -> None:
    """A few bricks show."""
    for _ in range(26):
        x, y = random.uniform(0.01, house.wide - 0.03), random.uniform(top + 0.02, -SHOP)
        share = float(random.choice([0.92, 0.95, 1.05]))
        canvas.box(shaded(house.wall, share), x, y, x + 0.014, y + 0.005)


def _storey(canvas: Canvas, house: House, floor: float, random: np.random.Generator) -> None:
    count = max(2, round(house.wide / 0.1))
    step = house.wide / count
    wide, tall = min(0.024, step * 0.3), 0.058
    boxes = chance(random, 0.35)
    for at in range(count):
        x, sill = (at + 0.5) * step, floor - 0.025
        canvas.box(
            shaded(house.wall, 1.18),
            x - wide - 0.005,
            sill - tall - 0.006,
            x + wide + 0.005,
            sill + 0.004,
        )
        canvas.box(
            shaded(house.wall, 0.72), x - wide - 0.007, sill + 0.004, x + wide + 0.007, sill + 0.008
        )
        canvas.box(FRAME, x - wide, sill - tall, x + wide, sill)
        for left in (x - wide + 0.003, x + 0.0015):
            right = left + wide - 0.0045
            for top, foot in (
                (sill - tall + 0.003, sill - tall * 0.55),
                (sill - tall * 0.5, sill - 0.003),
            ):
                canvas.box(PANE, left, top, right, foot)
                canvas.poly((184, 170, 150), ((left, top), (right, top), (left, foot)))
        if chance(random, 0.5):
            canvas.box(
                (190, 206, 214),
                x - wide + 0.003,
                sill - tall + 0.003,
                x - wide + 0.012,
                sill - 0.003,
            )
        if chance(random, 0.42):
            canvas.shine(
                pick(random, LIT),
                (
                    (x - wide, sill - tall),
                    (x + wide, sill - tall),
                    (x + wide, sill),
                    (x - wide, sill),
                ),
            )
        if boxes:
            _flowers(canvas, x, sill, wide, random)


def _flowers(
    canvas: Canvas, x: float, sill: float, wide: float, random: np.random.Generator
) -> None:
    canvas.box((70, 90, 120), x - wide, sill - 0.002, x + wide, sill + 0.009)
    for along in np.linspace(x - wide, x + wide, 7):
        canvas.disc((70, 130, 80), (float(along), sill - 0.004), 0.006)
        canvas.disc(
            pick(random, ((80, 70, 220), (190, 120, 220), (90, 190, 240))),
            (float(along), sill - 0.008),
            0.003,
        )


def _shop(canvas: Canvas, house: House, random: np.random.Generator) -> None:
    sign = pick(random, SIGNS)
    canvas.box(shaded(house.wall, 0.9), 0, -SHOP, house.wide, 0)
    canvas.box(shaded(sign, 0.85), 0.012, -0.128, house.wide - 0.012, 0)
    door_left = chance(random, 0.5)
    door = 0.022 if door_left else house.wide - 0.074
    _door(canvas, door, sign)
    start, end = (0.086, house.wide - 0.022) if door_left else (0.022, house.wide - 0.086)
    window = (start, -0.1), (end, -0.1), (end, -0.024), (start, -0.024)
    canvas.box(FRAME, start - 0.004, -0.104, end + 0.004, -0.02)
    canvas.poly((132, 120, 104), window)
    _goods(canvas, start, end, random)
    for share in (0.18, 0.62):
        x = start + share * (end - start)
        canvas.poly(
            (178, 166, 148), ((x, -0.1), (x + 0.02, -0.1), (x - 0.018, -0.024), (x - 0.038, -0.024))
        )
    canvas.shine(pick(random, LIT), window)
    canvas.box(sign, 0.008, -0.138, house.wide - 0.008, -0.108)
    canvas.box(shaded(sign, 1.35), 0.008, -0.138, house.wide - 0.008, -0.135)
    _lettering(canvas, house.wide, random)
    if chance(random, 0.6):
        _awning(canvas, start - 0.012, end + 0.012, pick(random, AWNINGS))


def _door(canvas: Canvas, left: float, sign: Colour) -> None:
    canvas.box(FRAME, left - 0.003, -0.106, left + 0.055, 0)
    canvas.box(shaded(sign, 1.2), left, -0.103, left + 0.052, 0)
    canvas.box(PANE, left + 0.008, -0.095, left + 0.044, -0.045)
    canvas.disc((120, 190, 210), (left + 0.045, -0.035), 0.003)
    canvas.box((150, 154, 156), left - 0.006, -0.005, left + 0.058, 0)


def _goods(canvas: Canvas, start: float, end: float, random: np.random.Generator) -> None:
    x = start + 0.008
    while x < end - 0.012:
        wide, tall = random.uniform(0.006, 0.014), random.uniform(0.008, 0.026)
        colour = shaded(
            (
                float(random.integers(90, 210)),
                float(random.integers(90, 210)),
                float(random.integers(90, 210)),
            ),
            0.85,
        )
        canvas.box(colour, x, -0.026 - tall, x + wide, -0.026)
        x += wide + random.uniform(0.002, 0.01)


def _lettering(canvas: Canvas, wide: float, random: np.random.Generator) -> None:
    """Strokes like writing; no word of any language."""
    x, end = wide * 0.3, wide * 0.7
    while x < end:
        tall = float(random.choice([0.009, 0.009, 0.014]))
        canvas.line((214, 232, 240), 0.0032, (x, -0.117), (x, -0.117 - tall))
        if chance(random, 0.7):
            canvas.line(
                (214, 232, 240),
                0.003,
                (x, -0.117 - 0.005 * float(random.integers(0, 3))),
                (x + 0.006, -0.117),
            )
        x += random.uniform(0.009, 0.013)


def _awning(canvas: Canvas, left: float, right: float, colour: Colour) -> None:
    stripes = max(4, round((right - left) / 0.022))
    edges = np.linspace(left, right, stripes + 1)
    for at, (a, b) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        cloth = colour if at % 2 == 0 else (232, 236, 238)
        lean = 0.004
        canvas.poly(cloth, ((a + lean, -0.108), (b + lean, -0.108), (b, -0.083), (a, -0.083)))
        canvas.disc(shaded(cloth, 0.86), ((a + b) / 2, -0.083), (b - a) / 2, 0.6)
