"""The writing side of a frame pool, see frames.py."""

import fcntl
import mmap
import os
import time
from pathlib import Path
from typing import Self

from bus.frames import PoolFull, Stamp, generations, pictures
from bus.frames import checksum as crc
from bus.handover import F_SEAL_FUTURE_WRITE, Handover, Leases, socket_path
from bus.layout import CHECKSUM, ROW, layout
from bus.memory import reserve
from bus.messages import FrameRef
from bus.pixels import I420


class FrameWriter:
    """The only writer of the pool `name`. A new writer is a new epoch, at any size."""

    def __init__(
        self, run_dir: Path, name: str, size: tuple[int, int], slots: int, *, checksum: bool = False
    ) -> None:
        self._name = name
        self.layout = layout(time.monotonic_ns(), size, slots, checksummed=checksum)
        fd = reserve(name, self.layout)
        self._memory = mmap.mmap(fd, self.layout.total_bytes)
        self._memory[: len(self.layout.pack())] = self.layout.pack()
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | F_SEAL_FUTURE_WRITE | fcntl.F_SEAL_SEAL
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
        self._marks = generations(self._memory, self.layout)
        self._pictures = pictures(self._memory, self.layout)
        self._generations = [0] * self.layout.slots
        self._generation = 0
        self._handover = Handover(socket_path(run_dir, name), fd, self.layout)
        os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the epoch. Readers keep what they have mapped until they let go."""
        self._handover.close()

    @property
    def readers(self) -> int:
        return len(self._handover.leases)

    @property
    def leased(self) -> set[int]:
        """Slots that a living reader leases, each reader up to its quota."""
        return {slot for leases in self._handover.leases for slot in self._honoured(leases)}

    def loan(self, stamp: Stamp) -> "Loan":
        """The oldest free slot, to fill in a `with` block. Readable once it ends without error.

        The block gets the frame's ref and its planes. Raises `PoolFull` when all slots are
        leased; it never waits for one.
        """
        slot = self._take()
        self._generation += 1
        ROW.pack_into(self._memory, self.layout.row_at(slot), *stamp, 0)
        ref = FrameRef(self._name, self.layout.epoch, slot, self._generation)
        return Loan(self, ref, self._pictures[slot])

    def _publish(self, ref: FrameRef) -> None:
        if self.layout.checksummed:
            found = crc(self._memory, self.layout, ref.slot)
            CHECKSUM.pack_into(self._memory, self.layout.checksum_at(ref.slot), found)
        self._mark(ref.slot, ref.generation)

    def _take(self) -> int:
        """Mark the oldest slot that nobody leases as in flux, and look again."""
        leased = self.leased
        for slot in sorted(range(self.layout.slots), key=self._generations.__getitem__):
            if slot in leased:
                continue
            before = self._generations[slot]
            self._mark(slot, 0)
            if slot not in self.leased:
                return slot
            self._mark(slot, before)
        raise PoolFull(f"{self._name}: all {self.layout.slots} slots are leased")

    def _honoured(self, leases: Leases) -> list[int]:
        # Looked at once each: NumPy's own search raises if a reader writes in between.
        held = [slot for slot, generation in enumerate(leases.tolist()) if generation]
        if len(held) > self.layout.quota:  # the newest count, the rest it has lost
            held.sort(key=self._generations.__getitem__, reverse=True)
        return held[: self.layout.quota]

    def _mark(self, slot: int, generation: int) -> None:
        self._marks[slot] = generation
        self._generations[slot] = generation


class Loan:
    """A slot while its writer fills it."""

    __slots__ = ("_picture", "_ref", "_writer")

    def __init__(self, writer: FrameWriter, ref: FrameRef, picture: I420) -> None:
        self._writer, self._ref, self._picture = writer, ref, picture

    def __enter__(self) -> tuple[FrameRef, I420]:
        return self._ref, self._picture

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._writer._publish(self._ref)  # noqa: SLF001 its other half
