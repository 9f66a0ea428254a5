"""The loss of the last layer, its gradient, and the cells that it is asked of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.programs import library
from training.example import Truth
from training.focal import Cells, cells_of, coarse, joined, slope
from training.grid import COLUMNS, LABELS, ROWS
from training.head import CHANNELS, FINER, Scores, Table
from training.targets import encode

FEATURES = 5
CELLS = (ROWS // FINER) * (COLUMNS // FINER)
RANDOM = np.random.default_rng(7)


def table(*shape: int) -> Table:
    return RANDOM.normal(0, 1, shape).astype(np.float32)


def some_cells() -> Cells:
    centre = (RANDOM.random((40, CHANNELS)) < 0.05).astype(np.float32)
    miss = RANDOM.random((40, CHANNELS)).astype(np.float32) * (1 - centre)
    return Cells(table(40, FEATURES), centre, miss)


def moved(scores: Scores, along: Scores, far: float) -> Scores:
    return Scores(*(here + np.float32(far) * way for here, way in zip(scores, along, strict=True)))


def test_the_gradient_is_what_the_loss_does() -> None:
    cells, scores = some_cells(), Scores(table(CHANNELS, FEATURES), table(CHANNELS))
    rise = slope(cells, scores).scores
    for _ in range(5):
        way = Scores(table(CHANNELS, FEATURES), table(CHANNELS))
        after, before = (slope(cells, moved(scores, way, far)).loss for far in (1e-2, -1e-2))
        told = sum(float((one * other).sum()) for one, other in zip(rise, way, strict=True))
        assert (after - before) / 2e-2 == pytest.approx(told, rel=0.02, abs=0.02)


def test_it_is_the_loss_that_the_network_was_trained_with() -> None:
    torch = library("torch", "training")
    from training.loss import centre_loss  # noqa: PLC0415 needs torch

    truth = Truth(np.array([0, 2]), np.array([1, 0.1], np.float32), boxes())
    wanted, features = encode(truth), table(CELLS, FEATURES)
    scores = Scores(table(CHANNELS, FEATURES), table(CHANNELS))
    logits = (features @ scores.weights.T + scores.biases).reshape(
        ROWS // FINER, COLUMNS // FINER, len(LABELS), FINER, FINER
    )
    fine = logits.transpose(2, 0, 3, 1, 4).reshape(wanted.heat.shape)
    parts = [torch.from_numpy(part[None]) for part in (fine, wanted.heat, wanted.ignored)]
    every = cells_of(features, wanted, scores)  # of random scores each cell is worth a look
    assert slope(every, scores).loss == pytest.approx(float(centre_loss(*parts)), rel=1e-3)


def boxes() -> Table:
    return np.array([[0.2, 0.2, 0.3, 0.6], [0.6, 0.5, 0.8, 0.7]], np.float32)


def test_each_finer_cell_has_its_place_in_the_layer() -> None:
    numbers = np.arange(len(LABELS) * ROWS * COLUMNS, dtype=np.float32)
    fine = numbers.reshape(len(LABELS), ROWS, COLUMNS)
    rows = coarse(fine)
    assert rows.shape == (CELLS, CHANNELS)
    for kind, row, column in ((0, 0, 0), (3, 71, 127), (1, 10, 21), (2, 33, 4)):
        cell = row // FINER * (COLUMNS // FINER) + column // FINER
        channel = kind * FINER**2 + row % FINER * FINER + column % FINER
        assert rows[cell, channel] == fine[kind, row, column]


def test_cells_that_are_clearly_nothing_are_few_and_count_for_all() -> None:
    nothing = encode(Truth(np.array([], np.int64), np.zeros(0, np.float32), boxes()[:0]))
    silent = Scores(np.zeros((CHANNELS, FEATURES), np.float32), np.full(CHANNELS, -9, np.float32))
    cells = cells_of(table(CELLS, FEATURES), nothing, silent)
    assert len(cells.features) == CELLS // 8
    assert cells.miss.sum() == CELLS * CHANNELS
    assert not cells.centre.any()


def test_what_is_unclear_is_neither_learned_nor_unlearned() -> None:
    loud = Scores(np.zeros((CHANNELS, FEATURES), np.float32), np.zeros(CHANNELS, np.float32))
    truth = Truth(np.array([0, 2]), np.array([1, 0.1], np.float32), boxes())
    cells = cells_of(table(CELLS, FEATURES), encode(truth), loud)
    per_kind = cells.miss.reshape(CELLS, len(LABELS), -1)
    assert cells.centre.sum() == 1
    assert (per_kind[:, 2] == 0).sum() > 10
    assert (per_kind[:, 1] == 1).all()


@given(st.floats(-1e4, 1e4, width=32))
def test_no_score_is_too_sure_to_be_learned_from(logit: float) -> None:
    cells = Cells(*(np.ones((1, size), np.float32) for size in (1, CHANNELS, CHANNELS)))
    found = slope(cells, Scores(np.zeros((CHANNELS, 1), np.float32), np.full(CHANNELS, logit)))
    assert np.isfinite(found.loss)
    assert all(np.isfinite(part).all() for part in found.scores)


def test_pictures_are_joined_cell_by_cell() -> None:
    one, other = some_cells(), some_cells()
    assert len(joined([one, other]).features) == 80
