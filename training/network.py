"""The detector: a small convolutional network that says where figures' centres and sides are.

A backbone halves the picture five times (cells of 2 to 32 pixels); the three coarsest levels are
joined from coarse to fine at cells of 8 pixels, and two 1x1 convolutions say there, four cells of
4 pixels at a time (the finer grid lies in the channels), for each class how much a cell is a
figure's centre and how far its sides are. Plain 3x3 convolutions with batch normalisation: they
are what CPUs, GPUs and NPUs do best.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.grid import CELL_PX, LABELS

WIDTHS = (16, 16, 32, 64, 128)  # channels at cells of 2, 4, 8, 16 and 32 pixels
BLOCKS = (0, 1, 2, 1)  # residual blocks from the second of them on
JOINED = 32  # channels where levels are joined
FINER = 8 // CELL_PX  # output cells along a side of a cell of the joined level
RARE = -4.6  # a centre is rare: the logit of 0.01, where learning starts


class Network(nn.Module):
    """`(n, 3, HEIGHT_PX, WIDTH_PX)` BGR 0..255 to centres and sides.

    Centres are logits, sides the logarithms of the distances to left, top, right and bottom in
    units of `BOX_UNIT_PX`: `(n, classes * FINER**2, rows, columns)` and `(n, classes * 4 *
    FINER**2, rows, columns)` of the joined level. `spread` makes the finer grid of either.
    """

    def __init__(self) -> None:
        super().__init__()
        steps = zip(WIDTHS[:-1], WIDTHS[1:], BLOCKS, strict=True)
        self.stem = convolution(3, WIDTHS[0], stride=2)
        self.levels = nn.ModuleList(
            nn.Sequential(
                convolution(coming, width, stride=2), *(Block(width) for _ in range(many))
            )
            for coming, width, many in steps
        )
        self.lateral = nn.ModuleList(nn.Conv2d(width, JOINED, 1) for width in WIDTHS[2:])
        self.smooth = nn.ModuleList(convolution(JOINED, JOINED) for _ in WIDTHS[3:])
        self.head = convolution(JOINED, JOINED)
        self.centres = nn.Conv2d(JOINED, len(LABELS) * FINER**2, 1)
        self.sides = nn.Conv2d(JOINED, 4 * len(LABELS) * FINER**2, 1)
        nn.init.constant_(self.centres.bias, RARE)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        joined = self.head(self._join(self._levels(pictures * (1 / 255))))
        return self.centres(joined), self.sides(joined)

    def _levels(self, pictures: Tensor) -> list[Tensor]:
        """The three coarsest, fine to coarse."""
        values, levels = self.stem(pictures), []
        for level in self.levels:
            values = level(values)
            levels.append(values)
        return levels[1:]

    def _join(self, levels: list[Tensor]) -> Tensor:
        *finer, coarsest = [side(level) for side, level in zip(self.lateral, levels, strict=True)]
        joined = coarsest
        for level, smooth in zip(reversed(finer), self.smooth, strict=True):
            joined = smooth(level + functional.interpolate(joined, scale_factor=2.0))
        return joined


def spread(maps: Tensor) -> Tensor:
    """`(n, c * FINER**2, rows, columns)` to `(n, c, rows * FINER, columns * FINER)`."""
    return functional.pixel_shuffle(maps, FINER)


class Block(nn.Module):
    """Two convolutions that learn what to add to their input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = convolution(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, values: Tensor) -> Tensor:
        return torch.relu(values + self.second(self.first(values)))


def convolution(coming: int, width: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(coming, width, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    )
