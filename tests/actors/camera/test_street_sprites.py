import numpy as np
import pytest

from actors.camera.street.cast import Pose
from actors.camera.street.kept import Kept
from actors.camera.street.sprites import Sprites, cut, shine

LARGE = 1 << 30


def test_what_was_used_last_is_kept() -> None:
    made: list[int] = []

    def make(key: int) -> bytes:
        made.append(key)
        return bytes(key)

    kept = Kept(100, make, len)
    for key in (40, 50, 40, 30, 40, 50):
        assert len(kept.get(key)) == key
    assert made == [40, 50, 30, 50]
    assert 30 not in kept
    assert len(kept.get(1000)) == 1000
    assert 1000 in kept
    assert 50 not in kept


def test_bicycles_have_one_light_whoever_rides_and_however_the_pedals_stand() -> None:
    sprites = Sprites(LARGE)
    one, other = (Pose("bicycle", look, look % 8, 80.0, blur_px=3) for look in (12, 77))
    glow = sprites.glow(one)
    assert len(glow) == 2
    assert sprites.glow(other) is glow
    for mine, theirs in zip(glow, shine(other), strict=True):
        assert np.array_equal(mine.alpha, theirs.alpha)
        assert np.array_equal(mine.y, theirs.y)
        assert (mine.left, mine.top) == (theirs.left, theirs.top)


def test_each_vehicle_has_the_lights_that_are_drawn_on_it() -> None:
    sprites = Sprites(LARGE)
    for look in range(6):
        for pose in (Pose("car", look, 0, 60.0, blur_px=3), Pose("bus", look, 0, 60.0, blur_px=3)):
            lights = zip(sprites.glow(pose), shine(pose), strict=True)
            assert all(np.array_equal(mine.y, theirs.y) for mine, theirs in lights)


def test_people_have_no_lights_and_vehicles_do() -> None:
    sprites = Sprites(LARGE)
    assert sprites.glow(Pose("walker", 1, 0, 60.0)) == ()
    assert sprites.glow(Pose("parked", 1, 0, 60.0)) == ()
    assert sprites.glow(Pose("car", 1, 0, 60.0))
    assert sprites.glow(Pose("bus", 1, 0, 60.0))


def test_what_is_prepared_is_there_and_nothing_is_made_twice() -> None:
    sprites, car = Sprites(LARGE), Pose("car", 1, 0, 60.0)
    assert sprites.prepare(car, shines=True)
    body = sprites.get(car)
    assert sprites.prepare(car, shines=True)
    assert not sprites.prepare(car, shines=True)
    assert sprites.get(car) is body


def test_a_blurred_figure_is_the_whole_figure_blurred() -> None:
    """Wherever it is cut: what the blur takes is as much as it gives."""
    for leftward in (False, True):
        sharp, blurred = (
            cut(Pose("car", 3, 0, 60.0, leftward=leftward, blur_px=px)).body for px in (0, 9)
        )
        assert blurred.alpha.sum() == pytest.approx(sharp.alpha.sum(), rel=0.01)
        assert blurred.alpha.shape[1] >= sharp.alpha.shape[1] + 4
