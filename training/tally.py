"""Precision, recall and the like over many pictures (pure)."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.example import Truth
from training.grid import LABELS
from training.matching import Match

THRESHOLDS = np.arange(0.1, 0.9, 0.02)
Choice = Callable[[Truth], NDArray[np.bool_]]


class Tally(NamedTuple):
    """Counts, and the sum of the overlaps of all found figures."""

    right: int = 0
    wrong: int = 0
    figures: int = 0
    overlap: float = 0.0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.figures)

    @property
    def mean_overlap(self) -> float:
        return self.overlap / max(1, self.right)

    @property
    def balance(self) -> float:
        """The harmonic mean of precision and recall (F1)."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def tally(matches: Iterable[Match], threshold: float, kind: int | None = None) -> Tally:
    """Of all classes, or one."""
    right = wrong = figures = 0
    overlap = 0.0
    for one in matches:
        said = one.seen.scores >= threshold
        there = one.counted
        if kind is not None:
            said, there = said & (one.seen.kinds == kind), there & (one.truth.kinds == kind)
        right += int((one.verdicts[said] == 1).sum())
        wrong += int((one.verdicts[said] == 0).sum())
        figures += int(there.sum())
        overlap += float(one.overlap[there & (one.taken >= threshold)].sum())
    return Tally(right, wrong, figures, overlap)


def recall_of(matches: Iterable[Match], threshold: float, chosen: Choice) -> Tally:
    """Of the figures that `chosen` picks; no detection is wrong here."""
    right = figures = 0
    overlap = 0.0
    for one in matches:
        mine = one.counted & chosen(one.truth)
        found = mine & (one.taken >= threshold)
        right, figures = right + int(found.sum()), figures + int(mine.sum())
        overlap += float(one.overlap[found].sum())
    return Tally(right, 0, figures, overlap)


def best_threshold(matches: Sequence[Match]) -> float:
    """The one with the best balance of precision and recall."""
    balances = [tally(matches, threshold).balance for threshold in THRESHOLDS]
    return round(float(THRESHOLDS[int(np.argmax(balances))]), 2)


def average_precision(matches: Sequence[Match], kind: int) -> float:
    """Area under precision over recall of one class, precision made monotonic (VOC 2010)."""
    mine = [(one.seen.kinds == kind) & (one.verdicts >= 0) for one in matches]
    pairs = list(zip(matches, mine, strict=True))
    scores = np.concatenate([one.seen.scores[those] for one, those in pairs])
    verdicts = np.concatenate([one.verdicts[those] for one, those in pairs])
    figures = tally(matches, 0.0, kind).figures
    right = np.cumsum(verdicts[np.argsort(-scores, kind="stable")])
    precision = right / np.arange(1, len(right) + 1)
    recall = np.concatenate([[0.0], right / max(1, figures)])
    return float(np.sum(np.diff(recall) * np.maximum.accumulate(precision[::-1])[::-1]))


def summary(matches: Sequence[Match], threshold: float) -> str:
    """One line: all classes together, then precision and recall of each."""
    whole = tally(matches, threshold)
    parts = [(label, tally(matches, threshold, at)) for at, label in enumerate(LABELS)]
    each = ", ".join(f"{label} {one.precision:.3f} {one.recall:.3f}" for label, one in parts)
    return (
        f"threshold {threshold:.2f}: precision {whole.precision:.4f} recall {whole.recall:.4f} "
        f"overlap {whole.mean_overlap:.3f} ({each})"
    )
