"""Pavements, road and crossing (pure), seen in perspective."""

import cv2
import numpy as np

from actors.camera.street.art import Art
from actors.camera.street.canvas import Colour, Point
from actors.camera.street.texture import noise
from actors.camera.street.timetable import CYCLE_LANE
from actors.camera.street.view import (
    HORIZON,
    ROAD_FOOT,
    ROAD_MIDDLE,
    ROAD_TOP,
    WALL_FOOT,
    ZEBRA,
    fog_share,
)

PAVEMENT: Colour = (176, 184, 190)
KERB: Colour = (140, 146, 150)
ROAD: Colour = (104, 100, 98)
CYCLE_PATH: Colour = (96, 104, 142)
LINE: Colour = (226, 230, 232)
KERB_TALL = 0.009
TRACKS = (0.592, 0.628, 0.69, 0.742)  # of wheels
CLEAR = 0.3  # no marks are this near the crossing


def ground(art: Art, random: np.random.Generator) -> None:
    """Paint all from the walls' foot down."""
    walk, top, foot = (round(art.y(share)) for share in (WALL_FOOT, ROAD_TOP, ROAD_FOOT))
    kerb = max(1, round(KERB_TALL * art.unit))
    paint = art.paint
    paint[walk:top], paint[top:foot], paint[foot:] = PAVEMENT, ROAD, PAVEMENT
    path = round(art.y(CYCLE_LANE - 0.027)), round(art.y(CYCLE_LANE + 0.007))
    paint[path[0] : path[1]] = CYCLE_PATH
    _slabs(art, walk, top, 0.012)
    _slabs(art, foot, art.height, 0.03)
    _wear(art, random, top, foot)
    _marks(art, path[0])
    _zebra(art)
    paint[top - kerb : top], paint[foot : foot + kerb] = KERB, KERB
    paint[top : top + max(1, kerb // 2)] = (78, 76, 74)
    paint[foot : foot + max(1, kerb // 3)] = (206, 212, 216)
    _grain(art, random, walk)
    art.sky[walk:] = 0
    rows = np.arange(walk, art.height)
    shares = (rows / art.scale - art.view.margin) / art.view.height
    art.fog[walk:] = np.array([round(255 * fog_share(share)) for share in shares])[:, None]
    art.wet[walk:], art.wet[top:foot] = 150, 255
    art.snow[walk:], art.snow[top:foot] = 235, 130


def _floor(art: Art, across: float, foot: float) -> Point:
    """A place on the ground: `across` in heights from the middle where a row is 1 high."""
    size = (foot - HORIZON) / (1 - HORIZON)
    return art.x(0.5) + across * size * art.unit, art.y(foot)


def _poly(art: Art, colour: Colour, corners: list[Point]) -> None:
    points = np.round(np.array(corners) * 16).astype(np.int32)
    cv2.fillPoly(art.paint, [points], colour, cv2.LINE_AA, shift=4)


def _line(art: Art, colour: Colour, start: Point, end: Point, thick: float) -> None:
    points = np.round(np.array((start, end)) * 16).astype(np.int32)
    px = max(1, round(thick * art.unit))
    cv2.polylines(
        art.paint,
        [points],
        isClosed=False,
        color=colour,
        thickness=px,
        lineType=cv2.LINE_AA,
        shift=4,
    )


def _slabs(art: Art, top: int, foot: int, step: float) -> None:
    """Joints between paving stones."""
    joint: Colour = (156, 164, 170)
    start, end = ((row / art.scale - art.view.margin) / art.view.height for row in (top, foot))
    at = start
    while at < end:
        cv2.line(art.paint, (0, round(art.y(at))), (art.width, round(art.y(at))), joint, 1)
        at += step * (at - HORIZON) / (start - HORIZON)
    for across in np.arange(-3.4, 3.4, 0.105):
        _line(art, joint, _floor(art, float(across), start), _floor(art, float(across), end), 0.001)


def _wear(art: Art, random: np.random.Generator, top: int, foot: int) -> None:
    """Wheel tracks, patches, cracks and covers."""
    road = art.paint[top:foot].astype(np.float32)
    rows = (np.arange(top, foot) / art.scale - art.view.margin) / art.view.height
    tracks = np.sum([np.exp(-(((rows - at) / 0.011) ** 2)) for at in TRACKS], axis=0)
    blotch = noise(road.shape[:2], random, max(2, round(0.06 * art.unit))).astype(np.float32)
    road *= (1 - 0.07 * tracks)[:, None, None] * (0.955 + blotch / 2800)[..., None]
    art.paint[top:foot] = road.clip(0, 255)
    for _ in range(5):
        across, at = random.uniform(-1.6, 1.6), random.uniform(ROAD_TOP + 0.04, ROAD_FOOT - 0.06)
        wide, long = random.uniform(0.1, 0.3), random.uniform(0.014, 0.03)
        shade = 92 + float(random.uniform(-6, 16))
        patch = [
            _floor(art, across, at),
            _floor(art, across + wide, at),
            _floor(art, across + wide, at + long),
            _floor(art, across, at + long),
        ]
        _poly(art, (shade, shade - 3, shade - 5), patch)
    for _ in range(6):
        spot = random.uniform(-1.6, 1.6), random.uniform(ROAD_TOP + 0.02, ROAD_FOOT - 0.06)
        for _ in range(6):
            step = spot[0] + random.uniform(-0.05, 0.05), spot[1] + random.uniform(-0.002, 0.008)
            _line(art, (82, 79, 77), _floor(art, *spot), _floor(art, *step), 0.0012)
            spot = step
    for across, at in ((-0.9, 0.61), (0.25, 0.72), (1.3, 0.66)):
        centre = _floor(art, across, at)
        axes = (
            round(0.032 * art.unit * (at - HORIZON) * 2),
            max(1, round(0.011 * art.unit * (at - HORIZON) * 2)),
        )
        cv2.ellipse(
            art.paint,
            (round(centre[0]), round(centre[1])),
            axes,
            0,
            0,
            360,
            (80, 78, 78),
            -1,
            cv2.LINE_AA,
        )
        cv2.ellipse(
            art.paint,
            (round(centre[0]), round(centre[1])),
            axes,
            0,
            0,
            360,
            (122, 120, 118),
            1,
            cv2.LINE_AA,
        )


def _marks(art: Art, path_top: int) -> None:
    zebra = (ZEBRA - 0.5) * art.width / art.unit
    for across in np.arange(-4.2, 4.2, 0.3):
        if abs(float(across) * 0.55 - zebra) > CLEAR:
            start, end = float(across), float(across) + 0.17
            _poly(
                art,
                LINE,
                [
                    _floor(art, start, ROAD_MIDDLE),
                    _floor(art, end, ROAD_MIDDLE),
                    _floor(art, end, ROAD_MIDDLE + 0.006),
                    _floor(art, start, ROAD_MIDDLE + 0.006),
                ],
            )
    cv2.line(art.paint, (0, path_top), (art.width, path_top), LINE, max(1, round(0.004 * art.unit)))


def _zebra(art: Art) -> None:
    """Stripes along the road, so that each is a bar across the way of those who cross."""
    middle = (ZEBRA - 0.5) * art.width / art.unit
    top, foot = ROAD_TOP + 0.012, ROAD_FOOT - 0.008
    for stripe in range(7):
        left = (stripe - 3.5) * 0.083
        corners = []
        for edge, at in ((left, top), (left + 0.046, top), (left + 0.046, foot), (left, foot)):
            size = (at - HORIZON) / (1 - HORIZON)
            corners.append((art.x(0.5) + (middle + edge * size * 1.35) * art.unit, art.y(at)))
        _poly(art, (214, 219, 221), corners)


def _grain(art: Art, random: np.random.Generator, walk: int) -> None:
    fine = noise((art.height - walk, art.width), random, 2)
    part = art.paint[walk:]
    part[:] = np.clip(
        part.astype(np.int16) + ((fine.astype(np.int16) - 128) // 22)[..., None], 0, 255
    )
