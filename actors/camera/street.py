"""The street that the scene plays in (pure): one still picture, drawn once."""

import cv2
import numpy as np

from bus.pixels import I420, Plane, planes

SKY_TOP, SKY_LOW = (205, 150, 95), (235, 220, 200)  # all colours are BGR
PAVEMENT, KERB, ROAD, LINE = (168, 172, 175), (120, 122, 125), (82, 80, 78), (225, 228, 230)
WALLS = ((120, 140, 175), (140, 150, 160), (150, 170, 200), (105, 120, 150), (165, 165, 150))
GLASS, CROWN, TRUNK = (150, 125, 95), (70, 120, 75), (60, 80, 100)

WALL_FOOT, ROAD_TOP, ROAD_MIDDLE, ROAD_FOOT = 0.45, 0.53, 0.66, 0.82  # heights, from the top


def street(random: np.random.Generator, width: int, height: int) -> I420:
    """A street seen from across it. The same generator gives the same street."""
    bgr = np.empty((height + height % 2, width + width % 2, 3), np.uint8)
    _sky(bgr)
    _houses(bgr, random)
    _ground(bgr)
    _trees(bgr, random)
    return to_i420(bgr, width, height)


def to_i420(bgr: Plane, width: int, height: int) -> I420:
    """A BGR picture with even sides as planes of `width` x `height`, at most one less."""
    even_height, even_width = bgr.shape[:2]
    stacked = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    even = planes(stacked.reshape(-1), even_width, even_height)
    return I420(np.ascontiguousarray(even.y[:height, :width]), even.u, even.v)


def _sky(bgr: Plane) -> None:
    share = np.linspace(0, 1, bgr.shape[0])[:, None] / WALL_FOOT
    rows = np.array(SKY_TOP) * (1 - share) + np.array(SKY_LOW) * share
    bgr[:] = rows.clip(0, 255).astype(np.uint8)[:, None]


def _houses(bgr: Plane, random: np.random.Generator) -> None:
    height, width = bgr.shape[:2]
    foot, left = round(WALL_FOOT * height), 0
    while left < width:
        wide = max(8, round(random.uniform(0.16, 0.3) * height))
        top = round(random.uniform(0.04, 0.24) * height)
        wall = WALLS[random.integers(len(WALLS))]
        bgr[top:foot, left : left + wide] = wall
        bgr[top : top + max(1, height // 90), left : left + wide] = [c * 3 // 4 for c in wall]
        _windows(bgr[top:foot, left : left + wide], max(4, height // 18), random)
        left += wide


def _windows(wall: Plane, step: int, random: np.random.Generator) -> None:
    for top in range(step // 2, wall.shape[0] - step, step):
        for left in range(step // 3, wall.shape[1] - step // 2, step):
            shade = random.integers(-25, 25)
            pane = [int(np.clip(c + shade, 0, 255)) for c in GLASS]
            wall[top : top + step * 2 // 3, left : left + step // 2] = pane


def _ground(bgr: Plane) -> None:
    height, width = bgr.shape[:2]
    at = [round(share * height) for share in (WALL_FOOT, ROAD_TOP, ROAD_MIDDLE, ROAD_FOOT)]
    walk, top, middle, foot = at
    kerb = max(1, height // 120)
    bgr[walk:top], bgr[top:foot], bgr[foot:] = PAVEMENT, ROAD, PAVEMENT
    bgr[top - kerb : top], bgr[foot : foot + kerb] = KERB, KERB
    for left in range(0, width, max(2, height // 6)):
        bgr[middle : middle + kerb, left : left + height // 12] = LINE
    for row in range(foot + 3 * kerb, height, max(4, height // 18)):
        bgr[row : row + max(1, kerb // 3)] = [c * 9 // 10 for c in PAVEMENT]
    for stripe in range(6):
        left = round(width * 0.62) + stripe * height // 14
        bgr[top + 2 * kerb : foot - 2 * kerb, left : left + height // 30] = LINE


def _trees(bgr: Plane, random: np.random.Generator) -> None:
    height, width = bgr.shape[:2]
    foot = round((WALL_FOOT + 0.02) * height)
    for at in np.arange(0.1, 0.95, 0.22):
        centre = round((at + random.uniform(-0.04, 0.04)) * width)
        radius = round(random.uniform(0.05, 0.075) * height)
        thick = max(1, height // 100)
        bgr[foot - 2 * radius : foot, centre - thick : centre + thick] = TRUNK
        cv2.circle(bgr, (centre, foot - 5 * radius // 2), radius, CROWN, -1, cv2.LINE_AA)
        lit = [c * 6 // 5 for c in CROWN]
        cv2.circle(
            bgr, (centre - radius // 4, foot - 11 * radius // 4), radius // 2, lit, -1, cv2.LINE_AA
        )
