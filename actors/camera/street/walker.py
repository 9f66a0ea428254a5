"""People who walk, seen from the side (pure)."""

from math import cos, pi, sin

from actors.camera.street.canvas import Canvas, Point, shaded
from actors.camera.street.looks import Look, look_of
from actors.camera.street.people import HIP, SHOULDER, pack, umbrella

THIGH, SHIN, UPPER_ARM, FOREARM = 0.235, 0.235, 0.155, 0.15


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
        pack(canvas, look.bag, (-0.12 * look.broad, SHOULDER + 0.16 + rise), 0.07, 0.125)
    _side_leg(canvas, look, near, 1.0)
    _side_torso(canvas, look, rise)
    _side_head(canvas, look, rise)
    if brolly:
        umbrella(canvas, look, (0.1, rise))
        _bent_arm(canvas, look, rise)
    else:
        _arm(canvas, look, -0.5 * sin(swing), rise, far=False)
    if look.carries == "bag":
        canvas.line(shaded(look.bag, 0.7), 0.018, (0.04, SHOULDER + rise), (-0.09, HIP + rise))
        pack(canvas, look.bag, (-0.1, HIP + 0.02 + rise), 0.075, 0.065)
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
    canvas.line(
        shaded(look.shoes, share),
        0.042,
        (ankle[0] - 0.015, ankle[1]),
        (ankle[0] + 0.06, ankle[1] + 0.004),
    )
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
        (-0.03, SHOULDER - 0.035),
        (0.045, SHOULDER - 0.02),
        (0.085 * b, SHOULDER + 0.1),
        (0.075 * b, HIP - 0.05),
        (0.082 * b, HIP + 0.035),
        (-0.08 * b, HIP + 0.035),
        (-0.068 * b, HIP - 0.1),
        (-0.085 * b, SHOULDER + 0.08),
    )
    canvas.smooth(look.top, [(x, y + rise) for x, y in body])
    if not (look.coat or look.skirt):
        canvas.line(
            shaded(look.legs, 0.95), 0.03, (-0.06, HIP + 0.025 + rise), (0.06, HIP + 0.025 + rise)
        )


def _side_head(canvas: Canvas, look: Look, rise: float) -> None:
    y = -0.91 + rise
    canvas.line(shaded(look.skin, 0.86), 0.055, (0.0, y + 0.05), (0.0, y + 0.1))
    if look.long_hair:
        canvas.smooth(
            look.hair,
            [
                (-0.055, y - 0.05),
                (0.02, y - 0.05),
                (0.0, y + 0.06),
                (-0.05, y + 0.14),
                (-0.085, y + 0.1),
            ],
        )
    canvas.disc(look.skin, (0.008, y), 0.066, 1.18)
    canvas.disc(look.skin, (0.07, y + 0.012), 0.016)
    canvas.smooth(
        look.hair,
        [
            (0.055, y - 0.045),
            (0.02, y - 0.088),
            (-0.05, y - 0.07),
            (-0.073, y),
            (-0.05, y + 0.05),
            (-0.02, y),
            (0.0, y - 0.03),
        ],
    )


def _arm(canvas: Canvas, look: Look, turn: float, rise: float, *, far: bool) -> None:
    share = 0.72 if far else 0.93
    start = 0.0, SHOULDER + 0.03 + rise
    elbow = UPPER_ARM * sin(turn), start[1] + UPPER_ARM * cos(turn)
    lower = turn + 0.4
    hand = elbow[0] + FOREARM * sin(lower), elbow[1] + FOREARM * cos(lower)
    canvas.disc(shaded(look.skin, share), hand, 0.027)
    canvas.line(
        shaded(look.top, share),
        0.055,
        start,
        elbow,
        (hand[0] * 0.9 + elbow[0] * 0.1, hand[1] - 0.015),
    )


def _bent_arm(canvas: Canvas, look: Look, rise: float) -> None:
    canvas.line(
        shaded(look.top, 0.93),
        0.055,
        (0.0, SHOULDER + 0.04 + rise),
        (0.03, SHOULDER + 0.17 + rise),
        (0.11, SHOULDER + 0.1 + rise),
    )
    canvas.disc(look.skin, (0.12, SHOULDER + 0.09 + rise), 0.026)
