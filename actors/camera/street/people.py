"""What all people have in common (pure): a person is 1 high, the foot is at (0, 0)."""

from math import cos, pi, sin

import numpy as np

from actors.camera.street.canvas import Canvas, Colour, Extent, Point, shaded
from actors.camera.street.looks import Look

EXTENT: Extent = (-0.34, -1.02, 0.34, 0.03)
BROLLY_EXTENT: Extent = (-0.34, -1.26, 0.42, 0.03)  # with an umbrella
HIP, SHOULDER = -0.5, -0.8


def umbrella(canvas: Canvas, look: Look, at: Point) -> None:
    x, rise = at
    canvas.line((70, 70, 74), 0.014, (x, SHOULDER + 0.1 + rise), (x, -1.2 + rise))
    arc = [(x + 0.3 * cos(t), -1.02 + rise - 0.2 * sin(t)) for t in np.linspace(0, pi, 25)]
    hem = [
        (x + 0.3 * (t - 1), -1.02 + rise - 0.03 * abs(sin(t * 1.5 * pi)))
        for t in np.linspace(0, 2, 25)
    ]
    canvas.poly(look.brolly, [*arc, *hem])
    canvas.poly(
        shaded(look.brolly, 1.18),
        [(x - 0.1 + 0.2 * s, -1.03 + rise) for s in (0.0, 1.0)] + [(x, -1.215 + rise)],
    )


def pack(canvas: Canvas, colour: Colour, centre: Point, wide: float, tall: float) -> None:
    x, y = centre
    canvas.smooth(
        colour,
        [
            (x - wide * 0.8, y - tall),
            (x + wide * 0.8, y - tall),
            (x + wide, y),
            (x + wide * 0.85, y + tall),
            (x - wide * 0.85, y + tall),
            (x - wide, y),
        ],
    )
    canvas.line(
        shaded(colour, 0.78),
        0.012,
        (x - wide * 0.6, y - tall * 0.2),
        (x + wide * 0.6, y - tall * 0.2),
    )
