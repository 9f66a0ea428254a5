"""The card's tables, in Markdown (pure)."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.example import Truth
from training.grid import LABELS
from training.matching import Match
from training.tally import Tally, average_precision, recall_of, tally

STAGE_PX = 720  # heights are told as in a picture of 1280x720
SIZES = (("small, under 100 px", 0, 100), ("medium, to 180 px", 100, 180), ("large", 180, 10000))


def class_table(matches: Sequence[Match], threshold: float) -> str:
    rows = [_row("all", tally(matches, threshold), _mean_precision(matches))]
    for kind, label in enumerate(LABELS):
        counts = tally(matches, threshold, kind)
        rows.append(_row(label, counts, average_precision(matches, kind)))
    return table(("class", "figures", "precision", "recall", "mean IoU", "AP"), rows)


def sort_table(name: str, sorts: Sequence[str], matches: Sequence[Match], threshold: float) -> str:
    """A row a sort of picture; `sorts` says of what sort each is."""
    rows = []
    for sort in sorted(set(sorts)):
        mine = [one for one, its in zip(matches, sorts, strict=True) if its == sort]
        rows.append(_row(sort, tally(mine, threshold)))
    return table((name, "figures", "precision", "recall", "mean IoU"), rows)


def size_table(matches: Sequence[Match], threshold: float) -> str:
    """Recall by height, one column a class; a detection has no true size, so no precision."""
    rows = []
    for name, low, high in SIZES:
        cells = [_recall(matches, threshold, kind, (low, high)) for kind in range(len(LABELS))]
        rows.append((name, *cells))
    return table(("height at 720p", *LABELS), rows)


def visible_table(matches: Sequence[Match], threshold: float) -> str:
    rows = []
    for low, high in ((0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):

        def chosen(truth: Truth, low: float = low, high: float = high) -> NDArray[np.bool_]:
            return np.asarray((truth.visible >= low) & (truth.visible < high))

        found = recall_of(matches, threshold, chosen)
        name = f"{low * 100:.0f} to {min(high, 1) * 100:.0f} %"
        rows.append((name, str(found.figures), f"{found.recall:.3f}", f"{found.mean_overlap:.3f}"))
    return table(("visible", "figures", "recall", "mean IoU"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(cells) for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _row(name: str, counts: Tally, average: float | None = None) -> tuple[str, ...]:
    figures = f"{counts.precision:.3f}", f"{counts.recall:.3f}", f"{counts.mean_overlap:.3f}"
    last = () if average is None else (f"{average:.3f}",)
    return (name, str(counts.figures), *figures, *last)


def _mean_precision(matches: Sequence[Match]) -> float:
    return float(np.mean([average_precision(matches, kind) for kind in range(len(LABELS))]))


def _recall(matches: Sequence[Match], threshold: float, kind: int, heights: tuple[int, int]) -> str:
    def chosen(truth: Truth) -> NDArray[np.bool_]:
        high = (truth.boxes[:, 3] - truth.boxes[:, 1]) * STAGE_PX
        return np.asarray((truth.kinds == kind) & (high >= heights[0]) & (high < heights[1]))

    found = recall_of(matches, threshold, chosen)
    return f"{found.recall:.3f} of {found.figures}" if found.figures else "none"
