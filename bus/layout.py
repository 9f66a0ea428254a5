"""The bytes of a frame pool (pure). docs/protocol.md, "Frames", is the same for strangers.

One file: a page of header, a table with a 64-byte row a slot, then the slots' pixels, each on
a page boundary. All integers are little-endian; `generation` and the lease words are eight
aligned bytes, written with one store.
"""

import struct
from typing import NamedTuple

from bus.sizes import size_bytes

PAGE = 4096
MAGIC = b"RTNPOOL1"
I420_FOURCC = b"I420"
FEWEST_SLOTS, MOST_SLOTS = 2, 256
LONGEST_SIDE = 16384

HEADER = struct.Struct("<8sQ4sIIIIIQQ")  # as the fields of Layout, magic and format first
ROW_BYTES, ROW_WORDS = 64, 8
ROW = struct.Struct("<8xqqqI")  # after the generation: frame_seq, captured, utc, checksum
CHECKSUM = struct.Struct("<I")
GREETING = struct.Struct("<8sQ")  # magic, epoch: what comes with the two descriptors


class Layout(NamedTuple):
    """Where everything lies in a pool of one geometry."""

    epoch: int
    width: int
    height: int
    slots: int
    quota: int  # leases of one reader that the writer honours
    checksummed: bool
    slot_bytes: int  # from one slot's first pixel to the next's
    pixels_at: int

    @property
    def total_bytes(self) -> int:
        return self.pixels_at + self.slots * self.slot_bytes

    @property
    def picture_bytes(self) -> int:
        return size_bytes(self.width, self.height)

    def row_at(self, slot: int) -> int:
        return PAGE + slot * ROW_BYTES

    def checksum_at(self, slot: int) -> int:
        return self.row_at(slot) + ROW.size - CHECKSUM.size

    def slot_at(self, slot: int) -> int:
        return self.pixels_at + slot * self.slot_bytes

    def pack(self) -> bytes:
        return HEADER.pack(
            MAGIC,
            self.epoch,
            I420_FOURCC,
            self.width,
            self.height,
            self.slots,
            self.quota,
            self.checksummed,
            self.slot_bytes,
            self.pixels_at,
        )


def layout(epoch: int, size: tuple[int, int], slots: int, *, checksummed: bool) -> Layout:
    """Lay out a pool for pictures of `size` (width, height)."""
    width, height = size
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise ValueError(f"a picture of {width}x{height}: each side is 1 to {LONGEST_SIDE}")
    if not FEWEST_SLOTS <= slots <= MOST_SLOTS:
        raise ValueError(f"{slots} slots: a pool has {FEWEST_SLOTS} to {MOST_SLOTS}")
    pixels_at = PAGE + pages(slots * ROW_BYTES)
    slot_bytes = pages(size_bytes(width, height))
    quota = max(1, slots // 2)
    return Layout(epoch, width, height, slots, quota, checksummed, slot_bytes, pixels_at)


def unpack(header: bytes, file_bytes: int) -> Layout:
    """Read a pool's header; `ValueError` for what is not a whole pool of this version."""
    magic, epoch, fourcc, width, height, slots, quota, summed, slot_bytes, at = HEADER.unpack_from(
        header
    )
    if magic != MAGIC or fourcc != I420_FOURCC:
        raise ValueError(f"not a pool of {MAGIC!r} with {I420_FOURCC!r}: {magic!r}, {fourcc!r}")
    found = Layout(epoch, width, height, slots, quota, bool(summed), slot_bytes, at)
    if found != layout(epoch, (width, height), slots, checksummed=bool(summed)):
        raise ValueError(f"a pool whose header contradicts itself: {found}")
    if found.total_bytes != file_bytes:
        raise ValueError(f"a pool of {found.total_bytes} bytes in a file of {file_bytes}")
    return found


def pages(size: int) -> int:
    """`size` rounded up to whole pages."""
    return -(-size // PAGE) * PAGE
