"""A running average of a network's weights: it detects better than the newest of them."""

from copy import deepcopy

import torch
from torch import nn

SLOWEST = 0.9995


class Average:
    """Follows `network`; the first steps count more, so that the start is soon forgotten."""

    def __init__(self, network: nn.Module) -> None:
        self.network = deepcopy(network).eval().requires_grad_(requires_grad=False)

    def update(self, network: nn.Module, step: int) -> None:
        """Take in the weights after step 0, 1, 2 ..."""
        keep = min(SLOWEST, (1 + step) / (10 + step))
        theirs = network.state_dict()
        with torch.no_grad():
            for name, mine in self.network.state_dict().items():
                if mine.dtype.is_floating_point:
                    mine.lerp_(theirs[name], 1 - keep)
                else:
                    mine.copy_(theirs[name])
