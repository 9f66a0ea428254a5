"""How well weights do on shards that nothing is learned from."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.decode import rows
from training.matching import Match, Seen, match
from training.network import Network
from training.shards import Shards
from training.tally import best_threshold, summary

LEAST_SCORE = 0.05
AT_ONCE = 8


def validate(network: Network, folder: Path) -> str:
    """One line of figures, at the threshold that suits them best."""
    matches = list(_matches(network, Shards(folder)))
    return summary(matches, best_threshold(matches))


def _matches(network: Network, shards: Shards) -> Iterator[Match]:
    device = next(network.parameters()).device
    for first in range(0, len(shards), AT_ONCE):
        examples = [shards[at] for at in range(first, min(first + AT_ONCE, len(shards)))]
        stack = torch.from_numpy(np.stack([one.picture for one in examples])).to(device)
        with torch.no_grad():
            centres, sides = network(stack.permute(0, 3, 1, 2).float())
            tables = [rows(centres[at : at + 1], sides[at : at + 1]) for at in range(len(examples))]
        for example, table in zip(examples, tables, strict=True):
            yield match(_seen(table.cpu().numpy()[0, 0]), example.truth)


def _seen(table: NDArray[np.float32]) -> Seen:
    kept = table[table[:, 2] >= LEAST_SCORE]
    return Seen(kept[:, 1].astype(np.int64), kept[:, 2], np.clip(kept[:, 3:], 0, 1))
