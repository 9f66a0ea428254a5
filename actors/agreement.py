"""How far two models see the same (pure)."""

from collections.abc import Sequence

from bus.messages import Box

SAME_IOU = 0.5  # two boxes that overlap so far, with one label, are the same


def agreement(one: Sequence[Box], other: Sequence[Box]) -> float:
    """Share of all boxes that both saw; 1 if neither saw any."""
    boxes = len(one) + len(other)
    return 2 * same(one, other) / boxes if boxes else 1.0


def same(one: Sequence[Box], other: Sequence[Box]) -> int:
    """How many boxes of `one` have a partner in `other`, each partner counted once."""
    left, found = list(other), 0
    for box in one:
        partner = max(left, key=lambda each: overlap(box, each), default=None)
        if partner is not None and overlap(box, partner) >= SAME_IOU:
            left.remove(partner)
            found += 1
    return found


def overlap(one: Box, other: Box) -> float:
    """Intersection over union; 0 for boxes of different labels."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    if one.label != other.label or width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (_area(one) + _area(other) - both)


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
