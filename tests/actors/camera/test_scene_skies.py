"""The scene in every weather and light: the same each time, true, and not lost to the eye."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from actors.camera.counter import counter_size, read_counter
from actors.camera.scene import Scene
from actors.camera.street.traffic import Placed
from actors.scenery import TIMES, WEATHERS, Setting, TimeOfDay, Weather
from bus.messages import TrueBox
from bus.pixels import I420, Plane, blank

SIZE = 320, 180
SKIES = [(weather, time) for weather in WEATHERS for time in TIMES]
ABROAD = 2  # how much larger than the picture the plane is that independent truth is drawn on


def draw(scene: Scene, index: int, size: tuple[int, int] = SIZE) -> tuple[I420, list[TrueBox]]:
    picture = blank(*size)
    return picture, scene.draw(index, picture)


@pytest.mark.parametrize(("weather", "time"), SKIES)
def test_each_sky_is_drawn_the_same_in_any_order(weather: Weather, time: TimeOfDay) -> None:
    setting = Setting(3, 1.0, weather, time)
    indices = [2711, 40, 2712, 9000]
    scene, again = Scene(setting, *SIZE), Scene(setting, *SIZE)
    found = {index: draw(scene, index) for index in indices}
    for index in sorted(indices):
        picture, truth = draw(again, index)
        assert truth == found[index][1]
        for mine, theirs in zip(picture, found[index][0], strict=True):
            assert np.array_equal(mine, theirs)
        assert read_counter(picture.y) == index


@pytest.mark.parametrize("first", [112, 2820, 6740], ids=["drift", "weather", "dusk"])
def test_pictures_in_a_row_are_those_drawn_alone(first: int) -> None:
    setting = Setting(0, 2.0)
    row, alone = Scene(setting, *SIZE), Scene(setting, *SIZE)
    played = [draw(row, index) for index in range(first, first + 20)]
    for at in (19, 3, 7, 8, 0):
        picture, truth = draw(alone, first + at)
        assert truth == played[at][1]
        for mine, theirs in zip(picture, played[at][0], strict=True):
            assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("weather", ["auto", "snow", "rain"])
def test_the_truth_is_what_an_independent_painter_finds(weather: Weather) -> None:
    scene = Scene(Setting(6, 1.5, weather, "auto"), *SIZE)
    compared, hidden = 0, 0
    for index in range(60, 9000, 701):
        _, truth = draw(scene, index)
        expected = dict(independent_truth(scene, index))
        assert {box.identity for box in truth} == set(expected)
        for box in truth:
            assert (box.visible, box.x0, box.y0, box.x1, box.y1) == pytest.approx(
                expected[box.identity]
            )
            compared += 1
            hidden += 0 < box.visible < 1
    assert compared > 80
    assert hidden > 20


def test_no_figure_is_too_small_to_be_found() -> None:
    size, heights = (1280, 720), dict[str, list[float]]()
    scene = Scene(Setting(11, 2.0, "clear", "day"), *size)
    for index in range(0, 3000, 83):
        for box in draw(scene, index, size)[1]:
            if box.y0 > 0 and box.y1 < 1:
                heights.setdefault(box.label, []).append((box.y1 - box.y0) * size[1])
    assert set(heights) == {"person", "bicycle", "car", "bus"}
    assert min(heights["bicycle"]) >= 28
    assert min(height for each in heights.values() for height in each) >= 22


@pytest.mark.parametrize(("weather", "time"), SKIES)
def test_figures_stand_out_from_the_street_in_each_sky(weather: Weather, time: TimeOfDay) -> None:
    """Where somebody is whole, the picture differs from the empty street's."""
    busy = Scene(Setting(2, 1.0, weather, time), *SIZE)
    empty = Scene(Setting(2, 0.0, weather, time), *SIZE)
    contrasts = []
    for index in range(90, 4000, 430):
        (picture, truth), (still, _) = draw(busy, index), draw(empty, index)
        apart = np.abs(picture.y.astype(int) - still.y)
        for box in truth:
            if box.visible > 0.9:
                rows = slice(round(box.y0 * SIZE[1]), round(box.y1 * SIZE[1]))
                columns = slice(round(box.x0 * SIZE[0]), round(box.x1 * SIZE[0]))
                contrasts.append(float(np.percentile(apart[rows, columns], 75)))
    assert len(contrasts) > 10
    assert np.percentile(contrasts, 10) > 4


@pytest.mark.parametrize(("density", "least", "most"), [(0, 0, 0), (0.5, 2, 12), (2, 14, 60)])
def test_density_is_how_many_there_are(density: float, least: float, most: float) -> None:
    scene = Scene(Setting(8, density), *SIZE)
    counts = [len(draw(scene, index)[1]) for index in range(0, 6000, 311)]
    assert least <= np.mean(counts) <= most


def test_night_is_darker_than_day_and_fog_is_paler() -> None:
    def street(weather: Weather, time: TimeOfDay) -> I420:
        return draw(Scene(Setting(1, 0.0, weather, time), *SIZE), 300)[0]

    day, night = street("clear", "day").y, street("clear", "night").y
    fog = street("fog", "day").y
    assert night.mean() < 0.7 * day.mean()
    assert fog.std() < 0.75 * day.std()


def test_the_sky_changes_softly() -> None:
    scene = Scene(Setting(5, 0.0), *SIZE)
    pictures = [draw(scene, index)[0].y.astype(int) for index in range(0, 18_000, 15)]
    means = [float(picture[:80].mean()) for picture in pictures]
    assert max(means) - min(means) > 50  # a day and its weathers have passed
    assert max(abs(b - a) for a, b in pairwise(means)) < 8


def independent_truth(scene: Scene, index: int) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Identity, visible share and box of all figures, painted one after the other from masks."""
    seconds = index / scene._rate_hz
    figures = scene._street.at(seconds, scene._lit(seconds).rain)
    width, height = SIZE
    view, gust = scene._view, scene._air.gust(seconds)
    corner = view.margin + gust[0] - ABROAD * width, view.margin + gust[1] - ABROAD * height
    owner = np.full(((2 * ABROAD + 1) * height, (2 * ABROAD + 1) * width), -1)
    layers = [(item.depth, 0, -1, item.left, item.top, item.solid) for item in scene._stage._items]
    masks = [mask_of(scene, figure) for figure in figures]
    for number, (figure, (mask, left, top)) in enumerate(zip(figures, masks, strict=True)):
        layers.append((figure.depth, 1, number, left, top, mask))
    for _, _, number, left, top, mask in sorted(layers, key=lambda layer: layer[:3]):
        rows, columns = np.nonzero(mask)
        owner[rows + top - corner[1], columns + left - corner[0]] = number
    inside = owner[ABROAD * height : -ABROAD * height, ABROAD * width : -ABROAD * width]
    wide, high = counter_size(width, height)
    inside[-high:, :wide] = -1
    for number, (figure, (mask, left, top)) in enumerate(zip(figures, masks, strict=True)):
        rows, columns = np.nonzero(mask)
        x = columns + left - corner[0] - ABROAD * width
        y = rows + top - corner[1] - ABROAD * height
        x0, x1, y0, y1 = x.min(), x.max() + 1, y.min(), y.max() + 1
        if x0 < width and x1 > 0 and y0 < height and y1 > 0:
            box = max(0, x0) / width, max(0, y0) / height, min(width, x1) / width
            seen = np.count_nonzero(inside == number) / len(rows)
            yield figure.identity, (seen, *box, min(height, y1) / height)


def mask_of(scene: Scene, figure: Placed) -> tuple[Plane, int, int]:
    """Where a figure is more than half opaque, and the place of that mask on the canvas."""
    body = scene._stage._sprites.get(figure.pose).body
    solid = np.asarray(body.alpha > 127, np.uint8)
    return solid, figure.x + body.left, figure.foot + body.top
