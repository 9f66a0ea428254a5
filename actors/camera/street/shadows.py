"""The shadows of figures (pure): one where they touch the ground, one that the sun casts."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from actors.camera.street.blend import darken
from actors.camera.street.cast import Pose
from actors.camera.street.light import Sky, shadow_shear
from actors.camera.street.places import Corners
from actors.camera.street.sprites import Sprite
from actors.camera.street.traffic import Placed
from actors.camera.street.view import fog_share
from bus.pixels import Plane

FLAT = 0.3  # a cast shadow's height, in the figure's
COARSE = 4  # shadows are soft: they are worked out this many times smaller
KEPT = 160
CONTACT, CAST = 0.5, 0.42  # how much light they take
FAINTEST = 0.08  # sun that casts none
Key = tuple[Pose, float | None]  # None: where it touches the ground, else the shear


class Shadow(NamedTuple):
    """A mask and where it lies from the figure's foot, px."""

    mask: Plane
    left: int
    top: int


class Shadows:
    """Shadows that were cast lately."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Shadow] = OrderedDict()

    def cast(self, figure: Placed, sprite: Sprite, sky: Sky, luma: Plane) -> Iterator[Corners]:
        """Darken the ground around a figure; yields the places, px."""
        contact = self._get((figure.pose, None), sprite)
        clear = 1 - sky.fog * fog_share(figure.depth)
        strength = CONTACT * (0.55 + 0.45 * sky.daylight) * clear
        yield _darkened(contact, figure, luma, strength)
        if sky.sun > FAINTEST:
            cast = self._get((figure.pose, shadow_shear(sky)), sprite)
            yield _darkened(cast, figure, luma, CAST * sky.sun * clear)

    def _get(self, key: Key, sprite: Sprite) -> Shadow:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = _contact(sprite) if key[1] is None else _cast(sprite, key[1])
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


def _darkened(shadow: Shadow, figure: Placed, luma: Plane, strength: float) -> Corners:
    left, top = figure.x + shadow.left, figure.foot + shadow.top
    darken(shadow.mask, luma, left, top, strength)
    height, width = shadow.mask.shape
    return left, top, left + width, top + height


def _contact(sprite: Sprite) -> Shadow:
    x0, y0, x1, y1 = sprite.bounds
    wide = x1 - x0
    half, tall = max(3, wide * 11 // 20), max(3, min(wide, y1 - y0) // 9)
    edge = 4 + 2 * tall // COARSE
    size = 2 * half // COARSE + edge, 2 * tall // COARSE + edge
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.ellipse(
        mask,
        (size[0] // 2, size[1] // 2),
        (max(1, half // COARSE - 1), max(1, tall // COARSE)),
        0,
        0,
        360,
        255,
        -1,
        cv2.LINE_AA,
    )
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, tall / COARSE / 2))
    large = cv2.resize(soft, (size[0] * COARSE, size[1] * COARSE))
    middle = sprite.body.left + (x0 + x1) // 2
    return Shadow(
        np.asarray(large, np.uint8), middle - size[0] * COARSE // 2, -size[1] * COARSE // 2
    )


def _cast(sprite: Sprite, shear: float) -> Shadow:
    """The figure's outline laid on the ground behind it."""
    alpha = sprite.body.alpha
    small = cv2.resize(
        alpha,
        (max(1, alpha.shape[1] // COARSE), max(1, alpha.shape[0] // COARSE)),
        interpolation=cv2.INTER_AREA,
    )
    height, width = small.shape
    foot = -sprite.body.top / COARSE
    lean = shear * FLAT * 2
    reach = round(abs(lean) * height) + 2
    flat = round(FLAT * height) + 4
    # From outline to ground: right by `lean` for each row above the foot, and flattened.
    turn = np.array([[1, -lean, lean * foot + reach], [0, FLAT, 2]], np.float64)
    laid = cv2.warpAffine(small, turn, (width + 2 * reach, flat))
    laid = cv2.GaussianBlur(laid, (0, 0), max(0.5, height / 70))
    large = cv2.resize(laid, (laid.shape[1] * COARSE, laid.shape[0] * COARSE))
    top = -round((2 + FLAT * foot) * COARSE)
    return Shadow(np.asarray(large, np.uint8), sprite.body.left - reach * COARSE, top)
