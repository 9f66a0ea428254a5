"""From maps to boxes inside the network, so that who runs it needs no code for it."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.grid import BOX_UNIT_PX, CELL_PX, COLUMNS, HEIGHT_PX, ROWS, WIDTH_PX
from training.network import FINER, spread

MOST = 100  # rows that come out
NOT_A_PEAK = 100.0  # taken from the logit of a cell that has a higher neighbour
DOUBLE = 0.7  # overlap from which two of a class are one
LONGEST = 4.0  # the largest logarithm of a side that is believed: beyond the picture's width


class Decoding(nn.Module):
    """`rows` as a module, to be exported."""

    def forward(self, centres: Tensor, sides: Tensor) -> Tensor:
        return rows(centres, sides)


def rows(centres: Tensor, sides: Tensor) -> Tensor:
    """What the network says of one picture as `(1, 1, MOST, 7)`, the family `ssd`.

    A row is 0, class, score, x0, y0, x1, y1 with corners as fractions of the picture; what is no
    figure, or one that a better row has, has a score near 0.
    """
    centres = spread(centres)
    higher = functional.max_pool2d(centres, 3, 1, 1) > centres
    peaks = centres - higher.to(centres.dtype) * NOT_A_PEAK
    logits, at = torch.topk(peaks.reshape(-1), MOST)
    kinds = torch.div(at, ROWS * COLUMNS, rounding_mode="floor").float()
    boxes = _boxes(sides, at)
    scores = torch.sigmoid(logits) * (1 - _doubles(kinds, boxes))
    heads = torch.stack([torch.zeros_like(scores), kinds, scores], 1)
    return torch.cat([heads, boxes], 1)[None, None]


def _boxes(sides: Tensor, at: Tensor) -> Tensor:
    """(MOST, 4): of the cells `at`, counted through the classes' finer maps.

    Four numbers a cell are picked out of `sides` as they lie: to spread all of them for that
    would take a CPU as long as a fifth of the network.
    """
    kind, cell = _divided(at, ROWS * COLUMNS)
    row, column = _divided(cell, COLUMNS)
    (coarse_row, below), (coarse_column, right_of) = _divided(row, FINER), _divided(column, FINER)
    coarse = coarse_row * (COLUMNS // FINER) + coarse_column
    channel = (kind[:, None] * 4 + torch.arange(4, device=at.device)) * FINER**2
    place = coarse * sides.shape[1] + below * FINER + right_of
    raw = sides.permute(0, 2, 3, 1).reshape(-1)[place[:, None] + channel]
    left, top, right, bottom = (torch.exp(raw.clamp(max=LONGEST)) * BOX_UNIT_PX).unbind(1)
    x, y = (column.float() + 0.5) * CELL_PX, (row.float() + 0.5) * CELL_PX
    corners = [(x - left) / WIDTH_PX, (y - top) / HEIGHT_PX]
    corners += [(x + right) / WIDTH_PX, (y + bottom) / HEIGHT_PX]
    return torch.stack(corners, 1)


def _divided(numbers: Tensor, by: int) -> tuple[Tensor, Tensor]:
    """Quotient and remainder, whole."""
    return torch.div(numbers, by, rounding_mode="floor"), numbers % by


def _doubles(kinds: Tensor, boxes: Tensor) -> Tensor:
    """(MOST,): 1 for what a better row of its class overlaps so far that it is the same figure.

    A long bus has more than one peak. A row that is itself a double still makes doubles: that
    keeps this one step of plain arithmetic.
    """
    low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(2)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    same = shared > DOUBLE * (areas[:, None] + areas[None] - shared)
    better = torch.ones(MOST, MOST, device=boxes.device).triu(1)
    alike = (kinds[:, None] == kinds[None]).float()
    return (same.float() * alike * better).amax(0)
