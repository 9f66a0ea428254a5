"""The network in 8 bits: half the time and half the size, for hardly any accuracy.

Post-training quantisation by NNCF: pictures that were learned from show which values each layer
takes. The decoding behind it stays as it is, in 32 bits: places in a picture need them.
"""

from collections.abc import Iterator
from pathlib import Path

import nncf
import numpy as np
import openvino as ov
from numpy.typing import NDArray

from training.shards import Shards

PICTURES = 256
LAST = (".*centres.*", ".*sides.*")  # small, and what they say is the result


def quantized(network: ov.Model, lessons: Path) -> ov.Model:
    """`network` with its convolutions in 8 bits; `lessons` is a folder of shards."""
    pictures = list(_pictures(Shards(lessons)))
    scope = nncf.IgnoredScope(patterns=list(LAST))
    return nncf.quantize(
        network,
        nncf.Dataset(pictures),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(pictures),
        ignored_scope=scope,
    )


def _pictures(shards: Shards) -> Iterator[NDArray[np.float32]]:
    """Spread evenly over the shards, as the network gets them."""
    for at in np.linspace(0, len(shards) - 1, min(PICTURES, len(shards))).astype(int):
        picture = shards[int(at)].picture
        yield picture.transpose(2, 0, 1)[None].astype(np.float32)
