"""A street on its way from one light to another (pure), worked out anew only where it changes.

A pixel is the rounded mean of two, so it changes only at the shares where that mean passes a
half. With differences as small as light makes them in seconds, these shares are few.
"""

from bisect import bisect
from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np

from bus.pixels import I420, blank

STRIPE_ROWS = 64  # even; more stripes find more that stays, fewer cost less to start
MOST = 24  # where pixels differ by more, some change with each picture
NEAR = 1e-3  # of a share: this near to a half, the arithmetic's own rounding decides


class Mixed:
    """One canvas, of even sides."""

    def __init__(self, width: int, height: int) -> None:
        self.picture = blank(width, height)
        self._ends: tuple[I420, I420] | None = None
        tops = range(0, height, STRIPE_ROWS)
        self._stripes = [slice(top, min(height, top + STRIPE_ROWS)) for top in tops]
        self._apart: list[int] = []  # by how much pixels differ at most, for each stripe
        self._phases: list[int | None] = []

    def turn(self, before: I420, after: I420, share: float) -> Iterator[slice]:
        """Have the picture show `share` of `after`; yields the rows that are written anew.

        The two are not to change; the picture is whole once all rows are taken.
        """
        if self._ends is None or self._ends[0] is not before or self._ends[1] is not after:
            self._ends = before, after
            self._apart = [_apart(before, after, rows) for rows in self._stripes]
            self._phases = [None] * len(self._stripes)
        for at, rows in enumerate(self._stripes):
            phase = _phase(share, self._apart[at])
            if phase is None or phase != self._phases[at]:
                self._phases[at] = phase
                parts = (rows_of(picture, rows) for picture in (before, after, self.picture))
                for one, other, plane in zip(*parts, strict=True):
                    cv2.addWeighted(one, 1 - share, other, share, 0, plane)
                yield rows


def rows_of(picture: I420, rows: slice) -> I420:
    """Some rows of a picture, from an even one to an even one; nothing is copied."""
    half = slice(rows.start // 2, rows.stop // 2)
    return I420(picture.y[rows], picture.u[half], picture.v[half])


def _apart(one: I420, other: I420, rows: slice) -> int:
    parts = zip(rows_of(one, rows), rows_of(other, rows), strict=True)
    return max(int(np.max(cv2.absdiff(mine, theirs))) for mine, theirs in parts)


def _phase(share: float, apart: int) -> int | None:
    """Between which two changes a share lies; None if it must be worked out."""
    if apart > MOST:
        return None
    low, high = (bisect(_changes(apart), share + aside) for aside in (-NEAR, NEAR))
    return low if low == high else None


@lru_cache(maxsize=MOST + 1)
def _changes(apart: int) -> list[float]:
    """The shares at which the mean of two numbers that differ by so much or less is a half."""
    return sorted({(2 * k + 1) / (2 * d) for d in range(1, apart + 1) for k in range(d)})
