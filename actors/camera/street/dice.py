"""Choices by chance (pure)."""

from collections.abc import Sequence

import numpy as np

from actors.camera.street.canvas import Colour


def chance(random: np.random.Generator, share: float) -> bool:
    """True in this share of all cases."""
    return float(random.random()) < share


def pick(random: np.random.Generator, among: Sequence[Colour]) -> Colour:
    return among[int(random.integers(len(among)))]
