"""Sizes to send, and pictures made smaller."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.rtsp.sizing import even, fit, resize
from bus.pixels import blank

SIDES = st.integers(1, 16384)


@pytest.mark.parametrize(
    ("size", "rows", "wanted"),
    [
        ((1920, 1080), None, (1920, 1080)),
        ((1920, 1080), 1080, (1920, 1080)),
        ((1920, 1080), 720, (1280, 720)),
        ((3840, 2160), 720, (1280, 720)),
        ((640, 480), 720, (640, 480)),
        ((1600, 1200), 1080, (1440, 1080)),
        ((1080, 1920), 720, (404, 720)),
        ((1366, 768), 720, (1280, 720)),
        ((1, 4000), 720, (2, 720)),
    ],
)
def test_a_picture_keeps_its_shape(
    size: tuple[int, int], rows: int | None, wanted: tuple[int, int]
) -> None:
    assert fit(size, rows) == wanted


@given(SIDES, SIDES, st.sampled_from([720, 1080]))
def test_a_size_that_fits_stays(width: int, height: int, rows: int) -> None:
    fitted = fit((width, height), rows)
    assert fitted[1] == min(height, rows)
    assert fitted[0] <= max(2, width)
    assert fit(fitted, rows) == fitted
    assert fitted == even(fitted) or fitted == (width, height)


@pytest.mark.parametrize("size", [(320, 240), (641, 481), (1001, 1501)])
def test_what_is_where_stays_there(size: tuple[int, int]) -> None:
    picture = blank(*size, 50)
    picture.y[:, size[0] // 2 :] = 200
    picture.u[: size[1] // 4] = 60
    picture.v[:] = 170
    smaller = resize(picture, (160, 120))
    assert (smaller.width, smaller.height) == (160, 120)
    assert smaller.u.shape == smaller.v.shape == (60, 80)
    assert smaller.y[:, 78].max() == 50
    assert smaller.y[:, 82].min() == 200
    assert smaller.u[28].max() == 60
    assert smaller.u[32].min() == 128
    assert (smaller.v == 170).all()


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40))
def test_any_picture_can_be_made_smaller(width: int, height: int, rows: int) -> None:
    size = fit((width, height), rows)
    smaller = resize(blank(width, height, 77), size)
    assert (smaller.width, smaller.height) == size
    assert smaller.u.shape == smaller.v.shape == ((size[1] + 1) // 2, (size[0] + 1) // 2)
    assert (smaller.y == 77).all()


def test_no_pixel_is_left_out() -> None:
    """Stripes that a linear step from 8 to 1 would jump over."""
    picture = blank(64, 800, 0)
    picture.y[::8] = 240
    smaller = resize(picture, (8, 100))
    assert np.abs(smaller.y.astype(int) - 30).max() <= 2
