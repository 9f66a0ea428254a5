"""People (pure): a person is 1 high, the foot is at (0, 0)."""

from collections.abc import Sequence
from math import cos, pi, sin
from typing import NamedTuple

import numpy as np

from actors.camera.street.canvas import Canvas, Colour, Extent, Point, shaded

EXTENT: Extent = (-0.34, -1.02, 0.34, 0.03)
BROLLY_EXTENT: Extent = (-0.34, -1.26, 0.42, 0.03)  # with an umbrella
SKIN: tuple[Colour, ...] = ((150, 185, 228), (96, 134, 188), (66, 92, 136), (172, 204, 240))
HAIR: tuple[Colour, ...] = (
    (38, 44, 58), (44, 66, 98), (92, 152, 200), (50, 60, 140), (160, 164, 168),
)
CLOTHES: tuple[Colour, ...] = (
    (72, 66, 196), (176, 104, 52), (82, 140, 74), (52, 160, 222), (142, 82, 136),
    (204, 206, 210), (112, 98, 88), (150, 150, 60), (96, 116, 224), (190, 164, 120),
)
TROUSERS: tuple[Colour, ...] = (
    (124, 88, 62), (88, 84, 82), (94, 122, 152), (150, 122, 92), (70, 88, 108),
)
BROLLIES: tuple[Colour, ...] = ((60, 60, 190), (150, 90, 40), (70, 180, 230), (90, 130, 80))
HIP, SHOULDER = -0.5, -0.8
THIGH, SHIN, UPPER_ARM, FOREARM = 0.235, 0.235, 0.155, 0.15


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


def look_of(number: int) -> Look:
    random = np.random.default_rng(number)
    woman = random.random() < 0.5
    return Look(
        skin=pick(random, SKIN),
        hair=pick(random, HAIR),
        top=pick(random, CLOTHES),
        legs=pick(random, TROUSERS),
        shoes=pick(random, ((52, 52, 58), (60, 72, 96), (215, 215, 218))),
        bag=pick(random, CLOTHES),
        brolly=pick(random, BROLLIES),
        broad=float(random.uniform(0.88, 1.22)) * (0.93 if woman else 1.0),
        long_hair=woman and random.random() < 0.75,
        skirt=woman and random.random() < 0.35,
        coat=bool(random.random() < 0.3),
        carries=str(random.choice(["", "", "bag", "backpack"])),
    )


def pick(random: np.random.Generator, among: Sequence[Colour]) -> Colour:
    return among[random.integers(len(among))]


def walker(canvas: Canvas, number: int, phase: float, *, brolly: bool = False) -> None:
    """Somebody walking right, seen from the side."""
    look, swing = look_of(number), 2 * pi * phase
    far, near = _leg(swing + pi), _leg(swing)
    lift = max(far[-1][1], near[-1][1]) + 0.012
    far, near = ([(x, y - lift) for x, y in leg] for leg in (far, near))
    rise = -lift
    _arm(canvas, look, 0.5 * sin(swing), rise, far=True)
    _side_leg(canvas, look, far, 0.72)
    if look.carries == "backpack":
        _blob(canvas, look.bag, (-0.12 * look.broad, SHOULDER + 0.16 + rise), 0.07, 0.125)
    _side_leg(canvas, look, near, 1.0)
    _side_torso(canvas, look, rise)
    _side_head(canvas, look, rise)
    if brolly:
        _umbrella(canvas, look, (0.1, rise))
        _bent_arm(canvas, look, rise)
    else:
        _arm(canvas, look, -0.5 * sin(swing), rise, far=False)
    if look.carries == "bag":
        canvas.line(shaded(look.bag, 0.7), 0.018, (0.04, SHOULDER + rise), (-0.09, HIP + rise))
        _blob(canvas, look.bag, (-0.1, HIP + 0.02 + rise), 0.075, 0.065)
    canvas.shade(1.12, 0.86)


def facing(
    canvas: Canvas, number: int, phase: float, *, back: bool, brolly: bool = False
) -> None:
    """Somebody seen from the front or the back, walking; a phase below 0 stands."""
    look = look_of(number)
    swing = 0.0 if phase < 0 else sin(2 * pi * phase)
    broad = 0.115 * look.broad
    bob = -0.012 * abs(swing)
    for side in (-1, 1):
        lifted = max(0.0, side * swing)
        _front_leg(canvas, look, side, lifted, bob)
    if back and look.long_hair:
        pass
    _front_torso(canvas, look, broad, bob)
    for side in (-1, 1):
        if not (brolly and side == 1):
            _front_arm(canvas, look, side * broad, -side * swing, bob)
    if back and look.carries == "backpack":
        _blob(canvas, look.bag, (0, SHOULDER + 0.15 + bob), 0.09, 0.13)
        canvas.line(shaded(look.bag, 0.75), 0.012, (-0.05, SHOULDER + 0.2), (0.05, SHOULDER + 0.2))
    if look.carries == "bag":
        canvas.line(shaded(look.bag, 0.7), 0.016, (-0.06, SHOULDER + bob), (0.13, HIP - 0.02))
        _blob(canvas, look.bag, (0.135, HIP + 0.02), 0.06, 0.06)
    _front_head(canvas, look, bob, back=back)
    if brolly:
        canvas.line(look.top, 0.06, (broad, SHOULDER + 0.04), (0.19, -0.66), (0.13, -0.78))
        canvas.disc(look.skin, (0.13, -0.79), 0.026)
        _umbrella(canvas, look, (0.06, bob))
    canvas.shade(1.12, 0.86)


def _leg(swing: float) -> list[Point]:
    """Hip, knee and ankle of a leg at this moment of its step; the ground is not yet found."""
    thigh, bend = 0.37 * sin(swing), 0.12 + 0.75 * max(0.0, cos(swing)) ** 2
    knee = THIGH * sin(thigh), HIP + THIGH * cos(thigh)
    lower = thigh - bend
    return [(0.0, HIP), knee, (knee[0] + SHIN * sin(lower), knee[1] + SHIN * cos(lower))]


def _side_leg(canvas: Canvas, look: Look, leg: list[Point], share: float) -> None:
    hip, knee, ankle = leg
    trousers = look.skin if look.skirt else look.legs
    canvas.line(shaded(look.shoes, share), 0.042, (ankle[0] - 0.015, ankle[1]), (ankle[0] + 0.06, ankle[1] + 0.004))
    canvas.line(shaded(trousers, share), 0.068, knee, (ankle[0], ankle[1] - 0.025))
    canvas.line(shaded(trousers, share), 0.092, hip, knee)
    if look.skirt or look.coat:
        cloth = look.legs if look.skirt else look.top
        reach = hip[0] + 0.75 * (knee[0] - hip[0])
        foot = knee[1] - 0.02
        canvas.poly(
            shaded(cloth, share),
            ((-0.08, HIP + 0.01), (0.08, HIP + 0.01), (reach + 0.085, foot), (reach - 0.085, foot)),
        )


def _side_torso(canvas: Canvas, look: Look, rise: float) -> None:
    b = look.broad
    body = (
        (-0.03, SHOULDER - 0.035), (0.045, SHOULDER - 0.02), (0.085 * b, SHOULDER + 0.1),
        (0.075 * b, HIP - 0.05), (0.082 * b, HIP + 0.035), (-0.08 * b, HIP + 0.035),
        (-0.068 * b, HIP - 0.1), (-0.085 * b, SHOULDER + 0.08),
    )
    canvas.smooth(look.top, [(x, y + rise) for x, y in body])
    if not (look.coat or look.skirt):
        canvas.line(shaded(look.legs, 0.95), 0.03, (-0.06, HIP + 0.025 + rise), (0.06, HIP + 0.025 + rise))


def _side_head(canvas: Canvas, look: Look, rise: float) -> None:
    y = -0.91 + rise
    canvas.line(shaded(look.skin, 0.86), 0.055, (0.0, y + 0.05), (0.0, y + 0.1))
    if look.long_hair:
        canvas.smooth(look.hair, [(-0.055, y - 0.05), (0.02, y - 0.05), (0.0, y + 0.06), (-0.05, y + 0.14), (-0.085, y + 0.1)])
    canvas.disc(look.skin, (0.008, y), 0.066, 1.18)
    canvas.disc(look.skin, (0.07, y + 0.012), 0.016)
    canvas.smooth(
        look.hair,
        [(0.055, y - 0.045), (0.02, y - 0.088), (-0.05, y - 0.07), (-0.073, y), (-0.05, y + 0.05), (-0.02, y), (0.0, y - 0.03)],
    )


def _arm(canvas: Canvas, look: Look, turn: float, rise: float, *, far: bool) -> None:
    share = 0.72 if far else 0.93
    start = 0.0, SHOULDER + 0.03 + rise
    elbow = UPPER_ARM * sin(turn), start[1] + UPPER_ARM * cos(turn)
    lower = turn + 0.4
    hand = elbow[0] + FOREARM * sin(lower), elbow[1] + FOREARM * cos(lower)
    canvas.disc(shaded(look.skin, share), hand, 0.027)
    canvas.line(shaded(look.top, share), 0.055, start, elbow, (hand[0] * 0.9 + elbow[0] * 0.1, hand[1] - 0.015))


def _bent_arm(canvas: Canvas, look: Look, rise: float) -> None:
    canvas.line(
        shaded(look.top, 0.93), 0.055,
        (0.0, SHOULDER + 0.04 + rise), (0.03, SHOULDER + 0.17 + rise), (0.11, SHOULDER + 0.1 + rise),
    )
    canvas.disc(look.skin, (0.12, SHOULDER + 0.09 + rise), 0.026)


def _umbrella(canvas: Canvas, look: Look, at: Point) -> None:
    x, rise = at
    canvas.line((70, 70, 74), 0.014, (x, SHOULDER + 0.1 + rise), (x, -1.2 + rise))
    arc = [(x + 0.3 * cos(t), -1.02 + rise - 0.2 * sin(t)) for t in np.linspace(0, pi, 25)]
    hem = [(x + 0.3 * (t - 1) , -1.02 + rise - 0.03 * abs(sin(t * 1.5 * pi))) for t in np.linspace(0, 2, 25)]
    canvas.poly(look.brolly, [*arc, *hem])
    canvas.poly(
        shaded(look.brolly, 1.18),
        [(x - 0.1 + 0.2 * s, -1.03 + rise) for s in (0.0, 1.0)] + [(x, -1.215 + rise)],
    )


def _front_leg(canvas: Canvas, look: Look, side: int, lifted: float, bob: float) -> None:
    x, ankle = side * 0.052 * look.broad, -0.02 - 0.075 * lifted
    trousers = look.skin if look.skirt else look.legs
    share = 1.0 - 0.2 * lifted
    canvas.disc(shaded(look.shoes, share), (x, ankle + 0.004), 0.038, 0.62)
    canvas.line(shaded(trousers, share), 0.068, (x, ankle - 0.03), (x, -0.26 - 0.02 * lifted))
    canvas.line(shaded(trousers, share), 0.09, (x, -0.26 - 0.02 * lifted), (x * 0.85, HIP + bob))


def _front_torso(canvas: Canvas, look: Look, broad: float, bob: float) -> None:
    if look.skirt or look.coat:
        cloth, foot = (look.legs, -0.3) if look.skirt else (look.top, -0.32)
        wide = broad + 0.035
        canvas.poly(cloth, ((-broad * 0.8, HIP - 0.05), (broad * 0.8, HIP - 0.05), (wide, foot), (-wide, foot)))
    canvas.smooth(
        look.top,
        [(-0.04, SHOULDER - 0.04 + bob), (0.04, SHOULDER - 0.04 + bob), (broad, SHOULDER + 0.02 + bob),
         (broad * 0.86, SHOULDER + 0.17 + bob), (broad * 0.9, HIP + 0.03), (-broad * 0.9, HIP + 0.03),
         (-broad * 0.86, SHOULDER + 0.17 + bob), (-broad, SHOULDER + 0.02 + bob)],
    )
    canvas.line(shaded(look.top, 0.82), 0.01, (0, SHOULDER + 0.04), (0, HIP + 0.01))


def _front_arm(canvas: Canvas, look: Look, x: float, swing: float, bob: float) -> None:
    hand = x * 1.35, HIP + 0.02 - 0.05 * max(0.0, swing)
    canvas.disc(look.skin, hand, 0.027)
    canvas.line(shaded(look.top, 0.9), 0.056, (x * 0.98, SHOULDER + 0.035 + bob), (x * 1.3, SHOULDER + 0.17), (x * 1.33, hand[1] - 0.025))


def _front_head(canvas: Canvas, look: Look, bob: float, *, back: bool) -> None:
    y = -0.91 + bob
    if look.long_hair:
        canvas.smooth(look.hair, [(-0.07, y - 0.04), (0.07, y - 0.04), (0.085, y + 0.13), (-0.085, y + 0.13)])
    canvas.line(shaded(look.skin, 0.84), 0.055, (0.0, y + 0.05), (0.0, y + 0.1))
    canvas.disc(look.skin, (0.0, y), 0.064, 1.2)
    if back:
        canvas.disc(look.hair, (0.0, y - 0.01), 0.07, 1.12)
        if look.long_hair:
            canvas.smooth(look.hair, [(-0.07, y), (0.07, y), (0.075, y + 0.15), (-0.075, y + 0.15)])
        return
    canvas.smooth(look.hair, [(-0.07, y + 0.0), (-0.062, y - 0.07), (0.0, y - 0.092), (0.062, y - 0.07), (0.07, y), (0.045, y - 0.04), (-0.03, y - 0.045)])
    for x in (-0.024, 0.024):
        canvas.disc((50, 50, 60), (x, y + 0.004), 0.008)
    canvas.line(shaded(look.skin, 0.75), 0.01, (-0.014, y + 0.042), (0.014, y + 0.042))


def _blob(canvas: Canvas, colour: Colour, centre: Point, wide: float, tall: float) -> None:
    x, y = centre
    canvas.smooth(
        colour,
        [(x - wide * 0.8, y - tall), (x + wide * 0.8, y - tall), (x + wide, y), (x + wide * 0.85, y + tall), (x - wide * 0.85, y + tall), (x - wide, y)],
    )
    canvas.line(shaded(colour, 0.78), 0.012, (x - wide * 0.6, y - tall * 0.2), (x + wide * 0.6, y - tall * 0.2))
