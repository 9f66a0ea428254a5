"""People seen from the front or the back (pure)."""

from math import pi, sin

from actors.camera.street.canvas import Canvas, shaded
from actors.camera.street.looks import Look, look_of
from actors.camera.street.people import HIP, SHOULDER, pack, umbrella


def facing(canvas: Canvas, number: int, phase: float, *, back: bool, brolly: bool = False) -> None:
    """Somebody seen from the front or the back, walking; a phase below 0 stands."""
    look = look_of(number)
    swing = 0.0 if phase < 0 else sin(2 * pi * phase)
    broad = 0.115 * look.broad
    bob = -0.012 * abs(swing)
    for side in (-1, 1):
        lifted = max(0.0, side * swing)
        _front_leg(canvas, look, side, lifted, bob)
    _front_torso(canvas, look, broad, bob)
    for side in (-1, 1):
        if not (brolly and side == 1):
            _front_arm(canvas, look, side * broad, -side * swing, bob)
    if back and look.carries == "backpack":
        pack(canvas, look.bag, (0, SHOULDER + 0.15 + bob), 0.09, 0.13)
        canvas.line(shaded(look.bag, 0.75), 0.012, (-0.05, SHOULDER + 0.2), (0.05, SHOULDER + 0.2))
    if look.carries == "bag":
        canvas.line(shaded(look.bag, 0.7), 0.016, (-0.06, SHOULDER + bob), (0.13, HIP - 0.02))
        pack(canvas, look.bag, (0.135, HIP + 0.02), 0.06, 0.06)
    _front_head(canvas, look, bob, back=back)
    if brolly:
        canvas.line(look.top, 0.06, (broad, SHOULDER + 0.04), (0.19, -0.66), (0.13, -0.78))
        canvas.disc(look.skin, (0.13, -0.79), 0.026)
        umbrella(canvas, look, (0.06, bob))
    canvas.shade(1.12, 0.86)


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
        canvas.poly(
            cloth,
            ((-broad * 0.8, HIP - 0.05), (broad * 0.8, HIP - 0.05), (wide, foot), (-wide, foot)),
        )
    canvas.smooth(
        look.top,
        [
            (-0.04, SHOULDER - 0.04 + bob),
            (0.04, SHOULDER - 0.04 + bob),
            (broad, SHOULDER + 0.02 + bob),
            (broad * 0.86, SHOULDER + 0.17 + bob),
            (broad * 0.9, HIP + 0.03),
            (-broad * 0.9, HIP + 0.03),
            (-broad * 0.86, SHOULDER + 0.17 + bob),
            (-broad, SHOULDER + 0.02 + bob),
        ],
    )
    canvas.line(shaded(look.top, 0.82), 0.01, (0, SHOULDER + 0.04), (0, HIP + 0.01))


def _front_arm(canvas: Canvas, look: Look, x: float, swing: float, bob: float) -> None:
    hand = x * 1.35, HIP + 0.02 - 0.05 * max(0.0, swing)
    canvas.disc(look.skin, hand, 0.027)
    canvas.line(
        shaded(look.top, 0.9),
        0.056,
        (x * 0.98, SHOULDER + 0.035 + bob),
        (x * 1.3, SHOULDER + 0.17),
        (x * 1.33, hand[1] - 0.025),
    )


def _front_head(canvas: Canvas, look: Look, bob: float, *, back: bool) -> None:
    y = -0.91 + bob
    if look.long_hair:
        canvas.smooth(
            look.hair, [(-0.07, y - 0.04), (0.07, y - 0.04), (0.085, y + 0.13), (-0.085, y + 0.13)]
        )
    canvas.line(shaded(look.skin, 0.84), 0.055, (0.0, y + 0.05), (0.0, y + 0.1))
    canvas.disc(look.skin, (0.0, y), 0.064, 1.2)
    if back:
        canvas.disc(look.hair, (0.0, y - 0.01), 0.07, 1.12)
        if look.long_hair:
            canvas.smooth(look.hair, [(-0.07, y), (0.07, y), (0.075, y + 0.15), (-0.075, y + 0.15)])
        return
    canvas.smooth(
        look.hair,
        [
            (-0.07, y + 0.0),
            (-0.062, y - 0.07),
            (0.0, y - 0.092),
            (0.062, y - 0.07),
            (0.07, y),
            (0.045, y - 0.04),
            (-0.03, y - 0.045),
        ],
    )
    for x in (-0.024, 0.024):
        canvas.disc((50, 50, 60), (x, y + 0.004), 0.008)
    canvas.line(shaded(look.skin, 0.75), 0.01, (-0.014, y + 0.042), (0.014, y + 0.042))
