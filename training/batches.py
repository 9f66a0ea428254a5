"""Batches for learning: examples from shards, made various, with their targets."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.augment import augment
from training.shards import Shards
from training.targets import encode


class Lessons(Dataset[dict[str, Tensor]]):
    """The examples of a folder as the epoch has them: every epoch varies them otherwise."""

    def __init__(self, folder: Path, epoch: int) -> None:
        self._folder, self._epoch = folder, epoch
        self._shards = Shards(folder)

    def __len__(self) -> int:
        return len(self._shards)

    def __getitem__(self, at: int) -> dict[str, Tensor]:
        example = augment(self._shards[at], np.random.default_rng((self._epoch, at)))
        lesson = {name: torch.from_numpy(m) for name, m in encode(example.truth)._asdict().items()}
        return {"picture": torch.from_numpy(example.picture), **lesson}


def batches(folder: Path, epoch: int, size: int, workers: int) -> Iterator[dict[str, Tensor]]:
    """One epoch, shuffled; the same epoch comes in the same order."""
    order = torch.Generator().manual_seed(epoch)
    yield from DataLoader(
        Lessons(folder, epoch),
        size,
        shuffle=True,
        generator=order,
        num_workers=workers,
        drop_last=True,
    )
