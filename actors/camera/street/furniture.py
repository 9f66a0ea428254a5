"""Trees, lamps and what else stands about (pure): lengths in a person's height.

None of it is labelled. What stands before figures hides them.
"""

from collections.abc import Callable
from math import cos, pi, sin
from typing import NamedTuple

import numpy as np

from actors.camera.street.art import Art
from actors.camera.street.canvas import Canvas, Colour, Extent, shaded
from actors.camera.street.dice import chance, pick

METAL: Colour = (92, 88, 84)
GREENS: tuple[Colour, ...] = ((72, 132, 88), (66, 122, 98), (84, 140, 84))
STONE: Colour = (168, 170, 168)
Draw = Callable[[Canvas, np.random.Generator], None]


class Piece(NamedTuple):
    """Where something stands: share of the width, foot, size of a person there if not 1."""

    draw: Draw
    extent: Extent
    x: float
    foot: float
    size: float = 1.0


def tree(canvas: Canvas, random: np.random.Generator) -> None:
    bark: Colour = (72, 92, 116)
    canvas.poly(
        bark,
        ((-0.075, 0.0), (-0.045, -0.5), (-0.05, -1.35), (0.05, -1.35), (0.045, -0.5), (0.085, 0.0)),
    )
    canvas.poly(
        shaded(bark, 0.78),
        ((0.02, 0.0), (0.015, -1.35), (0.05, -1.35), (0.045, -0.5), (0.085, 0.0)),
    )
    canvas.line(bark, 0.05, (0, -1.2), (-0.32, -1.66))
    canvas.line(shaded(bark, 0.85), 0.05, (0, -1.2), (0.34, -1.7))
    green = pick(random, GREENS)
    for layer, (share, lift, spread) in enumerate(
        ((0.66, 0.0, 1.0), (0.84, -0.08, 0.9), (1.0, -0.16, 0.74), (1.2, -0.26, 0.5))
    ):
        for at in range(13 - 2 * layer):
            turn = 2 * pi * at / (13 - 2 * layer) + random.uniform(-0.2, 0.2)
            reach = spread * random.uniform(0.5, 0.62)
            x, y = reach * cos(turn) - 0.05 * layer, -1.92 + lift + 0.72 * reach * sin(turn)
            canvas.disc(
                shaded(green, share * float(random.uniform(0.95, 1.05))),
                (x, y),
                0.27 * (1 - 0.13 * layer),
            )
        canvas.disc(shaded(green, share), (-0.05 * layer, -1.92 + lift), 0.46 * spread)
    for _ in range(44):
        turn, reach = random.uniform(0, 2 * pi), random.uniform(0, 0.72)
        share = float(random.uniform(0.7, 1.35))
        canvas.disc(
            shaded(green, share),
            (reach * cos(turn) - 0.05, -1.98 + 0.75 * reach * sin(turn)),
            float(random.uniform(0.025, 0.05)),
        )


def street_lamp(canvas: Canvas, random: np.random.Generator) -> None:
    del random
    canvas.box(METAL, -0.055, -0.28, 0.055, 0.0)
    canvas.box(shaded(METAL, 1.2), -0.026, -2.55, 0.026, -0.26)
    canvas.box(shaded(METAL, 0.8), 0.008, -2.55, 0.026, -0.26)
    canvas.box(shaded(METAL, 0.8), -0.07, -0.3, 0.07, -0.26)
    head = ((-0.09, -2.86), (0.09, -2.86), (0.06, -2.56), (-0.06, -2.56))
    canvas.poly((206, 224, 232), head)
    canvas.poly(shaded(METAL, 0.8), ((-0.13, -2.85), (0.0, -2.98), (0.13, -2.85)))
    canvas.box(shaded(METAL, 0.8), -0.07, -2.58, 0.07, -2.53)
    canvas.shine((150, 215, 255), head)


def bench(canvas: Canvas, random: np.random.Generator) -> None:
    del random
    wood: Colour = (84, 122, 164)
    for x in (-0.42, 0.42):
        canvas.line(METAL, 0.035, (x, 0.0), (x, -0.26), (x * 1.02, -0.52))
    for y in (-0.52, -0.43, -0.34):
        canvas.box(wood, -0.52, y, 0.52, y + 0.06)
    canvas.box(shaded(wood, 1.15), -0.52, -0.27, 0.52, -0.2)


def bin_(canvas: Canvas, random: np.random.Generator) -> None:
    colour = pick(random, ((70, 110, 60), (90, 86, 82)))
    canvas.poly(colour, ((-0.14, -0.5), (0.14, -0.5), (0.115, 0.0), (-0.115, 0.0)))
    canvas.box(shaded(colour, 0.7), -0.16, -0.54, 0.16, -0.48)
    canvas.shade(1.15, 0.8)


def hydrant(canvas: Canvas, random: np.random.Generator) -> None:
    del random
    red: Colour = (58, 60, 196)
    canvas.box(red, -0.07, -0.34, 0.07, 0.0)
    canvas.disc(red, (0, -0.34), 0.08)
    canvas.box(shaded(red, 0.8), -0.13, -0.26, 0.13, -0.19)
    canvas.box(shaded(red, 0.75), -0.1, -0.04, 0.1, 0.0)
    canvas.disc((200, 206, 210), (0, -0.225), 0.03)
    canvas.shade(1.15, 0.8)


def letter_box(canvas: Canvas, random: np.random.Generator) -> None:
    del random
    colour: Colour = (48, 176, 236)
    canvas.box(METAL, -0.03, -0.3, 0.03, 0.0)
    canvas.box(colour, -0.15, -0.78, 0.15, -0.28)
    canvas.disc(colour, (0, -0.78), 0.15, 0.4)
    canvas.box((52, 52, 56), -0.1, -0.71, 0.1, -0.68)
    canvas.box((220, 228, 230), -0.07, -0.58, 0.07, -0.46)
    canvas.shade(1.12, 0.82)


def road_sign(canvas: Canvas, random: np.random.Generator) -> None:
    canvas.box((150, 152, 154), -0.016, -1.5, 0.016, 0.0)
    if chance(random, 0.5):
        canvas.disc((50, 50, 200), (0, -1.42), 0.16)
        canvas.disc((236, 238, 238), (0, -1.42), 0.115)
        canvas.box((60, 60, 62), -0.07, -1.44, 0.07, -1.4)
    else:
        canvas.poly((180, 96, 40), ((-0.16, -1.58), (0.16, -1.58), (0.16, -1.26), (-0.16, -1.26)))
        canvas.poly((236, 238, 238), ((-0.08, -1.32), (0.08, -1.32), (0.0, -1.5)))


def statue(canvas: Canvas, random: np.random.Generator) -> None:
    """A stone figure on its plinth: grey all over, and nobody."""
    del random
    canvas.box(shaded(STONE, 0.8), -0.3, -0.12, 0.3, 0.0)
    canvas.box(shaded(STONE, 0.92), -0.22, -0.72, 0.22, -0.1)
    canvas.box(STONE, -0.26, -0.78, 0.26, -0.7)
    canvas.box((120, 128, 132), -0.12, -0.5, 0.12, -0.36)
    canvas.poly(STONE, ((-0.15, -1.32), (0.13, -1.32), (0.17, -0.78), (-0.19, -0.78)))
    canvas.disc(STONE, (0, -1.42), 0.085, 1.15)
    canvas.line(STONE, 0.07, (0.1, -1.28), (0.24, -1.46))
    canvas.shade(1.14, 0.72)


def poster(canvas: Canvas, random: np.random.Generator) -> None:
    """An advertising column's panel, with a flat grey silhouette."""
    paper = pick(random, ((196, 214, 222), (206, 200, 190), (188, 206, 196)))
    canvas.box(METAL, -0.3, -1.16, 0.3, 0.0)
    canvas.box(paper, -0.26, -1.12, 0.26, -0.2)
    canvas.disc((148, 152, 152), (0.0, -0.82), 0.07)
    canvas.poly((148, 152, 152), ((-0.12, -0.7), (0.12, -0.7), (0.14, -0.36), (-0.14, -0.36)))
    canvas.box((100, 120, 190), -0.2, -0.31, 0.2, -0.26)


def planter(canvas: Canvas, random: np.random.Generator) -> None:
    canvas.poly((132, 146, 156), ((-0.3, -0.26), (0.3, -0.26), (0.25, 0.0), (-0.25, 0.0)))
    canvas.shade(1.1, 0.82)
    for _ in range(22):
        x, y = float(random.uniform(-0.28, 0.28)), float(random.uniform(-0.42, -0.25))
        canvas.disc(shaded(pick(random, GREENS), float(random.uniform(0.8, 1.25))), (x, y), 0.06)
    for _ in range(12):
        x, y = float(random.uniform(-0.26, 0.26)), float(random.uniform(-0.46, -0.28))
        canvas.disc(pick(random, ((90, 80, 226), (200, 140, 226), (96, 206, 246))), (x, y), 0.025)


def bollard(canvas: Canvas, random: np.random.Generator) -> None:
    del random
    canvas.box((86, 84, 82), -0.04, -0.42, 0.04, 0.0)
    canvas.disc((86, 84, 82), (0, -0.42), 0.045)
    canvas.box((214, 218, 220), -0.04, -0.36, 0.04, -0.31)


TREE: Extent = (-1.15, -2.95, 1.15, 0.03)
POST: Extent = (-0.35, -3.05, 0.35, 0.03)
LOW: Extent = (-0.6, -1.7, 0.6, 0.03)
FAR = (  # from far to near
    Piece(poster, LOW, 0.235, 0.463),
    Piece(bin_, LOW, 0.365, 0.466),
    Piece(statue, LOW, 0.56, 0.466, 1.05),
    Piece(bench, LOW, 0.74, 0.466),
    Piece(letter_box, LOW, 0.945, 0.468),
    Piece(tree, TREE, 0.115, 0.52),
    Piece(tree, TREE, 0.345, 0.521),
    Piece(tree, TREE, 0.755, 0.52, 0.95),
    Piece(tree, TREE, 0.985, 0.521, 1.05),
    Piece(street_lamp, POST, 0.23, 0.524),
    Piece(street_lamp, POST, 0.525, 0.524),
    Piece(street_lamp, POST, 0.865, 0.524),
    Piece(road_sign, LOW, 0.475, 0.524),
    Piece(hydrant, LOW, 0.405, 0.523),
    Piece(road_sign, LOW, 0.91, 0.524),
)
NEAR = (
    Piece(street_lamp, POST, 0.285, 0.838, 0.93),
    Piece(street_lamp, POST, 0.905, 0.838, 0.93),
    Piece(bollard, LOW, 0.5, 0.83),
    Piece(bollard, LOW, 0.76, 0.83),
    Piece(planter, LOW, 0.405, 0.85),
    Piece(hydrant, LOW, 0.965, 0.842),
    Piece(bench, LOW, 0.815, 0.985),
    Piece(bin_, LOW, 0.735, 0.97),
    Piece(planter, LOW, 0.565, 1.0),
)


def furnish(art: Art, random: np.random.Generator) -> None:
    """Put all pieces up, each a little aside of its place."""
    for piece in sorted((*FAR, *NEAR), key=lambda piece: piece.foot):
        size_px = art.view.person_px(piece.foot) * piece.size * art.scale
        x = art.x(piece.x + float(random.uniform(-0.012, 0.012)))
        y = art.y(piece.foot)
        _ground_shadow(art, piece, x, y, size_px)
        canvas = Canvas(piece.extent, size_px)
        piece.draw(canvas, random)
        art.place(canvas, x, y, piece.foot, hides=True)
        if piece.draw is street_lamp:
            art.lighten(x, y, 2.6 * size_px, 0.75 * size_px, 0.8)
            art.lighten(x, y - 1.2 * size_px, 2.2 * size_px, 1.8 * size_px, 0.35)


def _ground_shadow(art: Art, piece: Piece, x: float, y: float, size_px: float) -> None:
    wide = 0.5 if piece.draw is tree else 0.75 * min(0.5, -piece.extent[0])
    shadow = Canvas((-1.0, -0.5, 1.0, 0.5), size_px)
    shadow.pixels[..., 3] = 0
    for share in (1.0, 0.75, 0.5):
        soft = Canvas((-1.0, -0.5, 1.0, 0.5), size_px)
        soft.disc((0, 0, 0), (0.04, 0.0), wide * share, 0.16)
        shadow.pixels[..., 3] += soft.pixels[..., 3] // 9
    art.place(shadow, x, y, piece.foot)
