"""Steps down the loss: they go down, not far, and always the same way."""

import numpy as np

from training.descent import _Walker, descend
from training.focal import Cells, slope
from training.head import CHANNELS, Scores

RANDOM = np.random.default_rng(3)
START = Scores(np.zeros((CHANNELS, 4), np.float32), np.full(CHANNELS, -2.0, np.float32))


def picture() -> Cells:
    """Centres are where the first feature is high."""
    features = RANDOM.random((50, 4)).astype(np.float32)
    centre = np.repeat(features[:, :1] > 0.9, CHANNELS, axis=1).astype(np.float32)
    return Cells(features, centre, 1 - centre)


PICTURES = [picture() for _ in range(9)]


def test_it_goes_down() -> None:
    after = descend(PICTURES, [], START, steps=200)
    assert sum(slope(one, after).loss for one in PICTURES) < 0.8 * sum(
        slope(one, START).loss for one in PICTURES
    )
    assert (after.weights[:, 0] > after.weights[:, 1:].max(axis=1)).all()


def test_it_goes_the_same_way_again_and_leaves_its_start_alone() -> None:
    one, other = (descend(PICTURES[:4], PICTURES[4:], START, steps=20) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    assert not START.weights.any()


def test_without_steps_nothing_changes() -> None:
    assert (descend(PICTURES, [], START, steps=0).biases == START.biases).all()


def test_one_other_counts_though_the_new_are_many() -> None:
    other = Cells(PICTURES[0].features, PICTURES[0].miss, PICTURES[0].centre)  # the opposite
    torn = descend(PICTURES[1:], [other], START, steps=300)
    alone = descend(PICTURES[1:], [], START, steps=300)
    assert slope(other, torn).loss < 0.87 * slope(other, alone).loss


def test_what_the_pictures_say_nothing_of_goes_back_to_where_it_was() -> None:
    walker = _Walker(np.zeros(3, np.float32))
    walker.values = walker.values + np.float32(1)
    for _ in range(200):
        walker.step(np.zeros(3, np.float32), rate=0.01)
    assert np.abs(walker.values).max() < 0.2
