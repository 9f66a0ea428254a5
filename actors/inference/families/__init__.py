"""Model families: one pure file each, and the table that names them.

A family says which outputs it can read and turns them into boxes: arrays in, payload out.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from actors.inference.families import ssd
from actors.package.reading import Package
from bus.messages import Box

Outputs = dict[str, NDArray[np.float32]]
Shapes = dict[str, tuple[int, ...]]


class Family(NamedTuple):
    """How to recognise a family by its output shapes (-1: any size), and how to read it."""

    fits: Callable[[Sequence[tuple[int, ...]]], bool]
    decode: Callable[[Outputs, Package, float], list[Box]]


FAMILIES = {"ssd": Family(ssd.fits, ssd.decode)}


def family_of(package: Package, shapes: Shapes) -> str:
    """The package's family, or the one its outputs fit; `ValueError` if that is none."""
    known = ", ".join(FAMILIES)
    if package.family and package.family not in FAMILIES:
        raise ValueError(f"family = {package.family!r}: unknown; there are {known}")
    sizes = list(shapes.values())
    fitting = [name for name, family in FAMILIES.items() if family.fits(sizes)]
    if package.family:
        fitting = [name for name in fitting if name == package.family]
    if not fitting:
        wanted = package.family or f"any of {known}"
        raise ValueError(f"outputs {shapes} do not fit {wanted}")
    return fitting[0]
