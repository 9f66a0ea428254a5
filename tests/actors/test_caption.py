"""Words on a picture."""

import numpy as np
import pytest

from actors.caption import DARK, NEUTRAL, WHITE, Place, caption
from bus.pixels import I420, blank


def coloured(width: int, height: int) -> I420:
    picture = blank(width, height, 128)
    picture.u[:], picture.v[:] = 200, 60
    return picture


def test_letters_are_white_with_a_dark_edge_and_lose_their_colour() -> None:
    picture = coloured(640, 360)
    caption(picture, "camera-front does not answer")
    lower = picture.y[300:]
    assert lower.max() == WHITE
    assert lower.min() < DARK + 8
    assert (picture.u[150:] == NEUTRAL).any()
    assert (picture.v[150:] == NEUTRAL).any()
    assert (picture.y[:250] == 128).all()


def test_letters_have_a_share_of_the_height() -> None:
    heights_px = []
    for width, height in ((640, 360), (1280, 720)):
        picture = coloured(width, height)
        caption(picture, "H")
        rows = np.flatnonzero((picture.y == WHITE).any(axis=1))
        heights_px.append(rows[-1] - rows[0] + 1)
    assert heights_px[1] == pytest.approx(2 * heights_px[0], rel=0.2)
    assert heights_px[0] >= 8


def test_long_text_is_wrapped_between_the_margins() -> None:
    picture = coloured(320, 240)
    caption(picture, "a sentence that is much too long to fit on one line of this picture")
    changed = picture.y != 128
    assert not changed[:, :4].any()
    assert not changed[:, -4:].any()
    rows = np.flatnonzero(changed.any(axis=1))
    assert rows[-1] - rows[0] > 25


def test_each_line_of_the_text_has_its_own() -> None:
    one, two = coloured(320, 240), coloured(320, 240)
    caption(one, "first")
    caption(two, "first\nsecond")
    tops = [np.flatnonzero((p.y != 128).any(axis=1))[0] for p in (one, two)]
    assert tops[1] < tops[0] - 8


def test_the_same_words_again_look_the_same() -> None:
    first, second = coloured(320, 240), coloured(320, 240)
    caption(first, "again")
    caption(second, "again")
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (17, 9), (161, 121), (1281, 721)])
def test_any_size_and_any_text_can_be_drawn(size: tuple[int, int]) -> None:
    for text in ("", " ", "\n\n", "Käse 中文", "word " * 200, "x" * 500):
        caption(coloured(*size), text)


@pytest.mark.parametrize("size", [(640, 360), (641, 361), (64, 48), (17, 9)])
def test_words_at_the_top_and_at_the_bottom_do_not_meet(size: tuple[int, int]) -> None:
    both = []
    for place in Place:
        picture = coloured(*size)
        caption(picture, "away", place)
        both.append(picture.y != 128)
    assert all(changed.any() for changed in both)
    if size[1] > 100:
        assert not (both[0] & both[1]).any()
        assert np.flatnonzero(both[0].any(axis=1))[-1] < size[1] // 4
