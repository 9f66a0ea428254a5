"""A few steps down the loss for one layer, held back towards where it was (pure, deterministic)."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from training.focal import Cells, joined, slope
from training.head import Scores, Table

STEPS = 300
NEW, OTHERS = 4, 12  # pictures a step: equally many would cost what it knew twice as much
FASTEST = 0.01
PULL = 0.1  # how strongly each weight is drawn back to what it was
FADES, FADES_SQUARED, TINY = 0.9, 0.99, 1e-8  # Adam's (arXiv 1412.6980)


def descend(
    new: Sequence[Cells], others: Sequence[Cells], start: Scores, steps: int = STEPS
) -> Scores:
    """What the layer should be instead of `start`. Pictures come in an order of a fixed seed."""
    random = np.random.default_rng(0)
    parts = (new, NEW), (others, OTHERS)
    batches = [_batches(those, many, random) for those, many in parts if those]
    walkers = [_Walker(part) for part in start]
    for step in range(steps):
        now = Scores(*(walker.values for walker in walkers))
        rise = slope(joined([cells for each in batches for cells in next(each)]), now).scores
        rate = FASTEST * (1 + math.cos(math.pi * step / steps)) / 2
        for walker, uphill in zip(walkers, rise, strict=True):
            walker.step(uphill, rate)
    return Scores(*(walker.values for walker in walkers))


def _batches(
    pictures: Sequence[Cells], many: int, random: np.random.Generator
) -> Iterator[list[Cells]]:
    """For ever, `many` at once; each picture as often as each other."""
    order: list[int] = []
    while True:
        while len(order) < many:
            order += random.permutation(len(pictures)).tolist()
        batch, order = order[:many], order[many:]
        yield [pictures[at] for at in batch]


class _Walker:
    """Adam for one array, with a pull to where it started."""

    def __init__(self, start: Table) -> None:
        self.values, self._start = start.copy(), start
        self._mean, self._square, self._steps = np.zeros_like(start), np.zeros_like(start), 0

    def step(self, uphill: Table, rate: float) -> None:
        uphill = uphill + PULL * (self.values - self._start)
        self._steps += 1
        self._mean = FADES * self._mean + (1 - FADES) * uphill
        self._square = FADES_SQUARED * self._square + (1 - FADES_SQUARED) * uphill**2
        mean = self._mean / (1 - FADES**self._steps)
        spread = np.sqrt(self._square / (1 - FADES_SQUARED**self._steps))
        self.values = np.asarray(self.values - rate * mean / (spread + TINY), np.float32)
