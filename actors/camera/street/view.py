"""Where things are in the picture and how large (pure): the scene's perspective."""

from typing import NamedTuple

HORIZON = 0.178  # heights are shares of the picture's, from its top
GROWTH = 0.4167  # a person's height grows by this share of the way down from the horizon
WALL_FOOT, ROAD_TOP, ROAD_MIDDLE, ROAD_FOOT = 0.445, 0.53, 0.652, 0.815
ZEBRA = 0.62  # of the width
SHAKE = 0.0042  # of the height: the farthest that a gust moves the camera


class View(NamedTuple):
    """A canvas somewhat larger than the picture, so that the camera may shake."""

    width: int  # of the picture, px
    height: int
    margin: int  # around it, px, even

    @property
    def full_width(self) -> int:
        return self.width + self.width % 2 + 2 * self.margin

    @property
    def full_height(self) -> int:
        return self.height + self.height % 2 + 2 * self.margin

    @property
    def unit_px(self) -> float:
        """What measures are fractions of: the height, or less if the picture is narrow."""
        return min(self.height, 0.75 * self.width)

    def x_px(self, share: float) -> float:
        return self.margin + share * self.width

    def y_px(self, share: float) -> float:
        return self.margin + share * self.height

    def person_px(self, foot: float) -> float:
        """How tall a person is who stands at this height of the picture."""
        return GROWTH * (foot - HORIZON) * self.unit_px


def view(width: int, height: int) -> View:
    return View(width, height, max(2, round(SHAKE * height / 2) * 2))


def fog_share(foot: float) -> float:
    """How much of a thick fog lies before something that stands here: 1 far, less near."""
    return max(0.0, min(1.0, 0.74 - 0.8 * (foot - WALL_FOOT)))
