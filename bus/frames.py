"""Frames in shared memory: one writer a pool, any number of readers, no copy between them.

The writer never waits and readers hold no locks, so killing any process at any point strands
nobody. A reader leases a slot while it looks; the writer takes the oldest slot that nobody
leases. The lease makes losing rare; the check before and after use is the guarantee.

Memory order. The writer stores generation 0, pixels, generation N; a reader stores its lease,
loads the generation, pixels, the generation again. In this order (words.py) a generation that
is the same before and after means that no pixel in between was new. A writer that misses a
lease just set (a store may pass a later load, on x86 too) is what the second check catches.

Here is what both sides say; frame_writer.py and frame_reader.py are the sides.
"""

import mmap
import zlib
from typing import NamedTuple

import numpy as np

from bus.layout import PAGE, ROW_BYTES, Layout
from bus.pixels import I420, Plane, planes
from bus.words import Words, shared_words


class FrameLost(Exception):
    """The frame was overwritten, or its writer is gone: take a newer one."""


class TornFrame(Exception):
    """A frame that passed its checks has other pixels than were written: never to be seen."""


class PoolFull(Exception):
    """Every slot is leased: drop this frame."""


class Stamp(NamedTuple):
    """What a slot says of its frame."""

    frame_seq: int
    captured_ns: int
    captured_utc_ns: int


def generations(memory: mmap.mmap, shape: Layout) -> Words:
    """Each slot's generation, 0 while it is being written."""
    return shared_words(memory, PAGE, shape.slots, ROW_BYTES)


def pictures(memory: mmap.mmap, shape: Layout) -> list[I420]:
    """A view of each slot, made once: seven views a frame cost more than its lease."""
    pixels: Plane = np.frombuffer(memory, np.uint8)
    starts = (shape.slot_at(slot) for slot in range(shape.slots))
    return [
        planes(pixels[at : at + shape.picture_bytes], shape.width, shape.height) for at in starts
    ]


def checksum(memory: mmap.mmap, shape: Layout, slot: int) -> int:
    at = shape.slot_at(slot)
    return zlib.crc32(memoryview(memory)[at : at + shape.picture_bytes])
