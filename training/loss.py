"""How wrong the network is: centres by focal loss, boxes by overlap."""

import torch
from torch import Tensor
from torch.nn import functional

from training.grid import BOX_UNIT_PX, LABELS
from training.network import spread

CERTAIN = 0.999  # a target this high is a figure's centre
BOXES = 2.0  # how much boxes count beside centres


def centre_loss(logits: Tensor, heat: Tensor, ignored: Tensor) -> Tensor:
    """Focal loss that forgives cells close to a centre (CornerNet's), for each figure."""
    chance, centre = torch.sigmoid(logits), heat > CERTAIN
    hit = functional.logsigmoid(logits) * (1 - chance) ** 2
    miss = functional.logsigmoid(-logits) * chance**2 * (1 - heat) ** 4 * (1 - ignored)
    return -torch.where(centre, hit, miss).sum() / centre.sum().clamp(min=1)


def box_loss(raw: Tensor, sides: Tensor, weight: Tensor) -> Tensor:
    """One minus the generalised overlap (arXiv 1902.09630), weighted, for each figure.

    `raw` and `sides` are `(n, classes, 4, rows, columns)`, `weight` is without the sides.
    """
    cells = weight > 0
    counts = weight[cells]
    said = torch.exp(raw.movedim(2, -1)[cells].clamp(max=4)) * BOX_UNIT_PX
    true = sides.movedim(2, -1)[cells]
    within, around = torch.minimum(said, true), torch.maximum(said, true)
    shared = (within[:, :2] + within[:, 2:]).clamp(min=0).prod(1)
    union = _areas(said) + _areas(true) - shared
    hull = _areas(around)
    overlap = shared / union.clamp(min=1) - (hull - union) / hull.clamp(min=1)
    return ((1 - overlap) * counts).sum() / counts.sum().clamp(min=1)


def total_loss(said: tuple[Tensor, Tensor], wanted: dict[str, Tensor]) -> Tensor:
    """`said` is what the network says, `wanted` has the fields of `targets.Targets`, batched."""
    centres, sides = (spread(part.float()) for part in said)
    sides = sides.unflatten(1, (len(LABELS), 4))
    return centre_loss(centres, wanted["heat"], wanted["ignored"]) + BOXES * box_loss(
        sides, wanted["sides"], wanted["weight"]
    )


def _areas(sides: Tensor) -> Tensor:
    return (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])
