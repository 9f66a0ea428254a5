"""One picture with what is in it (pure)."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bus.messages import TrueBox
from bus.pixels import Plane
from training.grid import LABELS

Boxes = NDArray[np.float32]  # (n, 4): x0, y0, x1, y1, as fractions of the picture unless said


class Truth(NamedTuple):
    """The figures of one picture; `kinds` are indices into `LABELS`."""

    kinds: NDArray[np.int64]  # (n,)
    visible: NDArray[np.float32]  # (n,), 0..1
    boxes: Boxes

    def only(self, chosen: NDArray[np.bool_]) -> "Truth":
        return Truth(self.kinds[chosen], self.visible[chosen], self.boxes[chosen])


class Example(NamedTuple):
    """A picture `(height, width, 3)` BGR uint8 as the network gets it, and its figures."""

    picture: Plane
    truth: Truth


def truth_of(figures: Iterable[TrueBox]) -> Truth:
    rows = [
        (LABELS.index(one.label), one.visible, one.x0, one.y0, one.x1, one.y1) for one in figures
    ]
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Truth(table[:, 0].astype(np.int64), table[:, 1], table[:, 2:])
