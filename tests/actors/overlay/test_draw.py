import numpy as np
import pytest

from actors.overlay.draw import PALETTE, colour_of, draw, fill
from bus.messages import Box
from bus.pixels import blank


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (321, 181), (16, 16)])
def test_a_box_is_drawn_on_its_edges_and_not_inside(size: tuple[int, int]) -> None:
    picture = blank(*size)
    draw(picture, [Box("person", 0.9, 0.25, 0.5, 0.75, 0.9)])
    width, height = size
    colour = colour_of("person")
    left, bottom = width // 4 // 2 * 2, int(height * 0.9) // 2 * 2 - 1
    assert picture.y[int(height * 0.7), left] == colour.y
    assert picture.y[bottom, width // 2] == colour.y
    if width > 100:
        assert picture.y[int(height * 0.7), width // 2] == 16
        assert picture.u[int(height * 0.7) // 2, left // 2] == colour.u


def test_a_label_stands_above_its_box_and_inside_at_the_top() -> None:
    for y0, rows in ((0.5, slice(330, 360)), (0.0, slice(0, 30))):
        picture = blank(1280, 720)
        draw(picture, [Box("person", 0.9, 0.25, y0, 0.75, 1.0)])
        plate = picture.y[rows, 320:400]
        assert np.count_nonzero(plate == colour_of("person").y) > 800
        assert plate.min() != plate.max()


@pytest.mark.parametrize(
    "box",
    [
        Box("whole", 1, 0, 0, 1, 1),
        Box("point", 1, 0.5, 0.5, 0.5, 0.5),
        Box("backwards", 1, 0.9, 0.9, 0.1, 0.1),
        Box("x" * 400, 1, 0.99, 0.99, 1, 1),
        Box("tête", 1, 0, 0, 0.01, 0.01),
    ],
)
def test_no_box_is_too_strange(box: Box) -> None:
    for size in ((64, 48), (63, 47), (1, 1)):
        draw(blank(*size), [box])


def test_what_lies_outside_is_cut_off() -> None:
    picture = blank(8, 8)
    fill(picture, (-4, -4, 4, 100), PALETTE[0])
    assert np.all(picture.y[:, :4] == PALETTE[0].y)
    assert np.all(picture.y[:, 4:] == 16)


def test_a_label_has_one_colour() -> None:
    assert colour_of("car") == colour_of("car")
    assert len({colour_of(name) for name in ("car", "person", "bike", "bus", "dog")}) > 2


def test_colours_are_what_they_are_called() -> None:
    picture = blank(16, 16)
    fill(picture, (0, 0, 16, 16), PALETTE[0])  # Percept's first is red
    assert np.all(np.abs(picture.bgr().astype(int) - (0, 0, 255)) <= 3)
