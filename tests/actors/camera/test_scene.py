from itertools import pairwise

import numpy as np
import pytest

from actors.camera.counter import counter_size, read_counter
from actors.camera.scene import Scene
from actors.scenery import Setting, Weather
from bus.messages import TrueBox
from bus.pixels import I420, blank

SIZE = 640, 360
ODD = [(64, 64), (65, 67), (127, 301), (641, 361)]


def drawn(scene: Scene, index: int, size: tuple[int, int] = SIZE) -> tuple[I420, list[TrueBox]]:
    picture = blank(*size, luma=1)
    return picture, scene.draw(index, picture)


def same(one: I420, other: I420) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_picture_depends_on_seed_and_index_only() -> None:
    scene = Scene(Setting(7), *SIZE)
    first, truth = drawn(scene, 12_345)
    drawn(scene, 99)
    again, truth_again = drawn(Scene(Setting(7), *SIZE), 12_345)
    other, _ = drawn(Scene(Setting(8), *SIZE), 12_345)
    later, _ = drawn(scene, 12_400)
    assert same(first, again)
    assert truth == truth_again
    assert not same(first, other)
    assert not same(first, later)


@pytest.mark.parametrize("size", ODD, ids=str)
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    scene = Scene(Setting(1), *size)
    for index in range(0, 3000, 61):
        picture, truth = drawn(scene, index, size)
        assert read_counter(picture.y) == index
        for box in truth:
            assert 0 <= box.x0 < box.x1 <= 1
            assert 0 <= box.y0 < box.y1 <= 1
            assert 0 <= box.visible <= 1


def test_a_picture_too_small_for_the_counter_is_drawn_all_the_same() -> None:
    picture, _ = drawn(Scene(Setting(1), 16, 16), 5, (16, 16))
    assert read_counter(picture.y) is None


def test_all_kinds_come_by() -> None:
    scene = Scene(Setting(2), *SIZE)
    labels = {box.label for index in range(0, 3000, 50) for box in drawn(scene, index)[1]}
    assert labels == {"person", "car", "bus", "bicycle"}


@pytest.mark.parametrize("weather", ["clear", "rain"])
def test_boxes_hold_all_that_moves_and_nothing_more(weather: Weather) -> None:
    """Against the same street with nobody on it: the noise is the same, the shadows are not."""
    busy = Scene(Setting(4, 1.0, weather, "day"), *SIZE)
    empty = Scene(Setting(4, 0.0, weather, "day"), *SIZE)
    wide, high = counter_size(*SIZE)
    lone = 0
    for index in range(0, 3000, 37):
        picture, truth = drawn(busy, index)
        still, nobody = drawn(empty, index)
        assert nobody == []
        moved = np.abs(picture.u.astype(int) - still.u) + np.abs(picture.v.astype(int) - still.v)
        coloured = moved > 2  # shadows take light, no colour
        coloured[-high // 2 :, : wide // 2 + 1] = False
        corners = [corners_px(box) for box in truth]
        for place, box in zip(corners, truth, strict=True):
            alone = sum(meets(place, other) for other in corners) == 1
            left, top, right, bottom = (edge // 2 for edge in place)
            if box.visible == 1 and alone and box.label != "bicycle":
                lone += 1
                part = np.argwhere(coloured[top : bottom + 1, left : right + 1])
                assert (part.min(0) <= 6).all(), box
                assert (part.max(0) >= np.array([bottom - top, right - left]) - 8).all(), box
        for left, top, right, bottom in corners:
            coloured[top // 2 - 2 : bottom // 2 + 3, max(0, left // 2 - 3) : right // 2 + 4] = False
        assert not coloured.any()
    assert lone > 20


def test_the_visible_share_is_what_is_seen_of_a_figure() -> None:
    scene = Scene(Setting(4), *SIZE)
    shares = set()
    for index in range(0, 2000, 11):
        for box in drawn(scene, index)[1]:
            if box.x0 > 0 and box.x1 < 1:
                shares.add(round(box.visible, 1))
    assert {
        0.0,
        0.5,
        0.9,
        1.0,
    } <= shares  # hidden, half hidden, behind a post, open


def test_who_leaves_is_seen_less_and_less() -> None:
    scene = Scene(Setting(4, 2.0), *SIZE)
    leaving: dict[int, list[float]] = {}
    for index in range(0, 2400, 2):
        for box in drawn(scene, index)[1]:
            if box.label in {"car", "bus"} and box.x1 == 1 and box.y1 > 0.7:  # the nearer lane's
                leaving.setdefault(box.identity, []).append(box.visible)
    whole = [shares for shares in leaving.values() if shares[-1] < 0.1]
    assert whole
    for shares in whole:
        assert shares[0] > shares[len(shares) // 2] > shares[-1]


def test_identities_move_steadily_and_are_new_on_each_passage() -> None:
    scene = Scene(Setting(5), *SIZE)
    ways: dict[int, list[float]] = {}
    labels: dict[int, set[str]] = {}
    for index in range(0, 4000, 5):
        truth = drawn(scene, index)[1]
        assert len({box.identity for box in truth}) == len(truth)
        for box in truth:
            ways.setdefault(box.identity, []).append((box.x0 + box.x1) / 2)
            labels.setdefault(box.identity, set()).add(box.label)
    assert len(ways) > 30
    assert all(len(each) == 1 for each in labels.values())
    for way in ways.values():
        assert all(abs(b - a) < 0.05 for a, b in pairwise(way))


def test_twice_the_rate_is_half_the_way_a_picture() -> None:
    _, slow = drawn(Scene(Setting(6), *SIZE, rate_hz=30), 1000)
    _, fast = drawn(Scene(Setting(6), *SIZE, rate_hz=60), 2000)
    assert slow == fast


def corners_px(box: TrueBox) -> tuple[int, int, int, int]:
    width, height = SIZE
    return (
        round(box.x0 * width),
        round(box.y0 * height),
        round(box.x1 * width),
        round(box.y1 * height),
    )


def meets(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
