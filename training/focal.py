"""The loss of `loss.centre_loss` with its gradient, for one layer, without PyTorch (pure).

A cell here is one of the layer's, of `FINER` x `FINER` cells of the finer grid: its scores are
a row.
"""

from typing import NamedTuple

import numpy as np

from training.grid import LABELS
from training.head import CHANNELS, FINER, Scores, Table
from training.targets import Map, Targets

CERTAIN = 0.999  # a target this high is a figure's centre
WORTH = 0.02  # an old score above this makes a cell worth to be looked at
NEAR = 0.2  # so does a target above this
SPARSE = 8  # of the other cells one in so many is kept, and counts so many times


class Cells(NamedTuple):
    """Cells of any number of pictures, and what should be said of them."""

    features: Table  # (n, features)
    centre: Table  # (n, CHANNELS): 1 where a figure's centre is, else 0
    miss: Table  # (n, CHANNELS): how much a score counts there that should be low


class Slope(NamedTuple):
    """The loss for each figure, and which way it rises."""

    loss: float
    scores: Scores


def cells_of(features: Table, wanted: Targets, scores: Scores) -> Cells:
    """One picture's cells; of those that are clearly nothing only some, which count for all."""
    heat, ignored = coarse(wanted.heat), coarse(wanted.ignored)
    centre = (heat > CERTAIN).astype(np.float32)
    miss = (1 - heat) ** 4 * (1 - ignored) * (1 - centre)
    worth = np.logical_or(chances(features, scores) > WORTH, heat > NEAR).any(1)
    kept = worth | (np.arange(len(features)) % SPARSE == 0)
    counts = np.where(worth, 1, SPARSE).astype(np.float32)[kept, None]
    return Cells(features[kept], centre[kept], miss[kept] * counts)


def joined(many: list[Cells]) -> Cells:
    return Cells(*(np.concatenate(parts) for parts in zip(*many, strict=True)))


def chances(features: Table, scores: Scores) -> Table:
    logits = features @ scores.weights.T + scores.biases
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def slope(cells: Cells, scores: Scores) -> Slope:
    logits = cells.features @ scores.weights.T + scores.biases
    rest = np.exp(-np.abs(logits))  # never overflows
    chance = np.where(logits >= 0, 1, rest) / (1 + rest)
    other, certain = 1 - chance, np.log1p(rest)
    log_chance, log_other = np.minimum(logits, 0) - certain, np.minimum(-logits, 0) - certain
    figures = max(1.0, float(cells.centre.sum()))
    hit, miss = log_chance * other**2, log_other * chance**2
    loss = -float((cells.centre * hit + cells.miss * miss).sum()) / figures
    up = cells.centre * (other**3 - 2 * chance * other**2 * log_chance)
    down = cells.miss * (2 * chance**2 * other * log_other - chance**3)
    rise = np.asarray(-(up + down) / figures, np.float32)
    return Slope(loss, Scores(rise.T @ cells.features, rise.sum(0)))


def coarse(fine: Map) -> Table:
    """`(classes, rows, columns)` of the finer grid to the layer's rows; undoes `network.spread`."""
    kinds, rows, columns = len(LABELS), fine.shape[1] // FINER, fine.shape[2] // FINER
    blocks = fine.reshape(kinds, rows, FINER, columns, FINER).transpose(1, 3, 0, 2, 4)
    return np.asarray(blocks.reshape(rows * columns, CHANNELS), np.float32)
