import numpy as np
import pytest

from actors.inference.fit import Fit
from bus.pixels import I420, blank


def red_left_blue_right(width: int, height: int) -> I420:
    picture = blank(width, height)
    for value, columns, chroma in (
        ((81, 90, 240), slice(None, width // 2), slice(None, width // 4)),
        ((41, 240, 110), slice(width // 2, None), slice(width // 4, None)),
    ):
        picture.y[:, columns] = value[0]
        picture.u[:, chroma] = value[1]
        picture.v[:, chroma] = value[2]
    return picture


@pytest.mark.parametrize("net", [(256, 256), (300, 300), (321, 321), (63, 32), (320, 544)])
@pytest.mark.parametrize("size", [(1280, 720), (644, 361)])
def test_the_whole_picture_is_stretched_over_the_input(
    net: tuple[int, int], size: tuple[int, int]
) -> None:
    tensor = np.zeros((1, *net, 3), np.uint8)
    Fit(tensor, "BGR").fill(red_left_blue_right(*size))
    quarter = net[1] // 4
    assert np.all(np.abs(tensor[0, :, :quarter].astype(int) - (0, 0, 254)) <= 3)
    assert np.all(np.abs(tensor[0, :, -quarter:].astype(int) - (255, 0, 0)) <= 4)


def test_colour_order_is_the_packages() -> None:
    tensor = np.zeros((1, 32, 32, 3), np.uint8)
    Fit(tensor, "RGB").fill(red_left_blue_right(64, 64))
    assert tensor[0, 16, 4, 0] > 250
    assert tensor[0, 16, 4, 2] < 5
