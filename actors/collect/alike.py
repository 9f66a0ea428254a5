"""Whether two pictures are nearly the same: difference hashes, 64 bits of luma gradients (pure)."""

from collections.abc import Iterable

import cv2
import numpy as np

from bus.pixels import Plane

COLUMNS, ROWS = 9, 8  # each row has 8 steps from one column to the next


def difference_hash(luma: Plane) -> int:
    """One bit a step, set where it becomes brighter to the right: light and noise change few."""
    small = cv2.resize(luma, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    brighter = np.asarray(small[:, 1:] > small[:, :-1])
    return int.from_bytes(np.packbits(brighter).tobytes(), "big")


def is_alike(one: int, others: Iterable[int], least_bits: int) -> bool:
    """Whether it differs from any of them in fewer bits; from none if that is 0."""
    return any((one ^ other).bit_count() < least_bits for other in others)
