"""Which detections are right (pure).

A detection is right if it overlaps a figure of its class that no better detection has taken.
Figures that are mostly hidden do not count: neither finding nor missing one is held against
anybody. As the best detections choose first, what a threshold would leave out changes nothing
for those above it: a picture is matched once and asked at any threshold.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.boxes import overlaps
from training.example import Boxes, Truth

RIGHT = 0.5  # intersection over union from which a box is right
COUNTED = 0.4  # visible share from which a figure counts
DOES_NOT_COUNT = -1


class Seen(NamedTuple):
    """Detections of one picture, in any order."""

    kinds: NDArray[np.int64]  # (n,)
    scores: NDArray[np.float32]  # (n,)
    boxes: Boxes


class Match(NamedTuple):
    """One picture judged."""

    truth: Truth
    seen: Seen
    verdicts: NDArray[np.int64]  # (detections,): 1 right, 0 wrong, -1 does not count
    counted: NDArray[np.bool_]  # (figures,)
    taken: NDArray[np.float32]  # (figures,): the score of the detection that took it, or 0
    overlap: NDArray[np.float32]  # (figures,): with that detection


def match(seen: Seen, truth: Truth) -> Match:
    """Best detections choose first, each the figure that it overlaps most."""
    counted = truth.visible >= COUNTED
    taken, overlap = np.zeros((2, len(counted)), np.float32)
    verdicts = np.zeros(len(seen.scores), np.int64)
    shared = overlaps(seen.boxes, truth.boxes)
    shared[seen.kinds[:, None] != truth.kinds[None]] = 0
    for one in np.argsort(-seen.scores, kind="stable"):
        free = np.where(overlap > 0, 0, shared[one])
        best = _best(free, counted)
        if best is not None:
            taken[best], overlap[best] = seen.scores[one], free[best]
            verdicts[one] = 1 if counted[best] else DOES_NOT_COUNT
    return Match(truth, seen, verdicts, counted, taken, overlap)


def _best(shared: Boxes, counted: NDArray[np.bool_]) -> int | None:
    """The figure to take: one that counts if there is any, else one that does not."""
    for among in (counted, ~counted):
        candidates = np.where(among, shared, 0)
        if candidates.size and candidates.max() >= RIGHT:
            return int(candidates.argmax())
    return None
