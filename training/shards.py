"""Examples on disk, many to a shard: `N.npy` has the pictures, `N-truth.npy` the figures.

The truth is a table with a row a figure: picture, class, visible share, x0, y0, x1, y1. It is
written last and by rename, so a shard with a truth is whole.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bus.pixels import Plane
from training.example import Example, Truth


def write_shard(folder: Path, number: int, examples: Sequence[Example]) -> None:
    rows = [
        (at, kind, visible, *box)
        for at, (_, truth) in enumerate(examples)
        for kind, visible, box in zip(*truth, strict=True)
    ]
    np.save(folder / f"{number}.npy", np.stack([example.picture for example in examples]))
    partial = folder / f"{number}-partial.npy"
    np.save(partial, np.array(rows, np.float32).reshape(-1, 7))
    partial.rename(_truth_file(folder, number))


def is_written(folder: Path, number: int) -> bool:
    return _truth_file(folder, number).exists()


class Shards:
    """All examples of a folder; pictures are read from the disk when asked for."""

    def __init__(self, folder: Path) -> None:
        """`FileNotFoundError` if the folder holds no whole shard."""
        truths = sorted(folder.glob("*-truth.npy"))
        if not truths:
            raise FileNotFoundError(f"{folder}: no shards: run `python -m training generate`")
        numbers = [path.name.removesuffix("-truth.npy") for path in truths]
        self._pictures: list[Plane] = [
            np.load(folder / f"{number}.npy", mmap_mode="r") for number in numbers
        ]
        self._tables: list[NDArray[np.float32]] = [np.load(path) for path in truths]
        self._ends = np.cumsum([len(pictures) for pictures in self._pictures])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, at: int) -> Example:
        """A copy of example `at`, 0..len-1."""
        shard = int(np.searchsorted(self._ends, at, side="right"))
        row = at - (int(self._ends[shard - 1]) if shard else 0)
        table = self._tables[shard]
        mine = table[table[:, 0] == row]
        truth = Truth(mine[:, 1].astype(np.int64), mine[:, 2], mine[:, 3:])
        return Example(np.array(self._pictures[shard][row]), truth)


def _truth_file(folder: Path, number: int) -> Path:
    return folder / f"{number}-truth.npy"
