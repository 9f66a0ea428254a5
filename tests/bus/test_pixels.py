import numpy as np
import pytest

from bus.pixels import I420, blank, planes
from bus.sizes import chroma_size, size_bytes


@pytest.mark.parametrize(
    ("width", "height", "size"), [(4, 2, 12), (5, 3, 27), (1, 1, 3), (1280, 720, 1382400)]
)
def test_a_picture_takes_the_bytes_of_its_planes(width: int, height: int, size: int) -> None:
    assert size_bytes(width, height) == size
    picture = planes(np.zeros(size, np.uint8), width, height)
    assert sum(plane.size for plane in picture) == size
    assert picture.u.shape == chroma_size(width, height)[::-1]


def test_planes_are_views() -> None:
    buffer = np.zeros(size_bytes(6, 4), np.uint8)
    planes(buffer, 6, 4).v[:] = 9
    assert buffer[-1] == 9
    assert buffer[0] == 0


@pytest.mark.parametrize("size", [(16, 8), (17, 9), (16, 9), (17, 8)])
def test_colours_are_right_at_any_size(size: tuple[int, int]) -> None:
    red = blank(*size)
    red.y[:], red.u[:], red.v[:] = 81, 90, 240  # BT.601 red, studio range
    bgr = red.bgr()
    assert bgr.shape == (size[1], size[0], 3)
    assert np.all(np.abs(bgr.astype(int) - (0, 0, 254)) <= 2)


def test_black_and_white_span_the_studio_range() -> None:
    assert blank(4, 4, 16).bgr().max() == 0
    assert blank(4, 4, 235).bgr().min() == 255


def test_a_copy_is_of_the_same_size() -> None:
    one, other = blank(4, 4, 16), blank(4, 4, 200)
    one.copy_from(other)
    assert one.y.min() == 200
    with pytest.raises(ValueError, match="broadcast"):
        one.copy_from(I420(*blank(6, 4)))
