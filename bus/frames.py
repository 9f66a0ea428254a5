"""Frames in shared memory: one writer a pool, any number of readers, no copy between them.

The writer never waits and readers hold no locks, so killing any process at any point strands
nobody. A reader leases a slot while it looks; the writer takes the oldest slot that nobody
leases. The lease makes losing rare; the check before and after use is the guarantee.

Memory order. The writer stores generation 0, pixels, generation N; a reader stores its lease,
loads the generation, pixels, the generation again. x86 keeps stores and loads in these orders,
so a generation that is the same before and after means that no pixel in between was new. ARM
may reorder them: there two rounds of a lock stand between, as what is before the release of the
first cannot pass the acquisition of the second. A writer that misses a lease just set (a store
may pass a later load, on x86 too) is what the second check catches.
"""

import fcntl
import mmap
import os
import platform
import select
import socket
import threading
import time
import zlib
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from bus.handover import F_SEAL_FUTURE_WRITE, Handover, Leases, socket_path
from bus.layout import (
    CHECKSUM,
    GREETING,
    MAGIC,
    PAGE,
    ROW,
    ROW_BYTES,
    ROW_WORDS,
    Layout,
    layout,
    unpack,
)
from bus.memory import reserve
from bus.messages import FrameRef
from bus.pixels import I420, Plane, planes

DESCRIPTORS = 2  # pixels, leases
PATIENCE_MS = 50  # a pool's first use waits this long for its writer's thread, once

WEAKLY_ORDERED = platform.machine() not in {"x86_64", "AMD64"}
_ROUND = threading.Lock()


def _fence() -> None:
    """What stands before this in the program is seen before what stands after it.

    Asked for only where needed: once in 33 ms even a call that does nothing is cold.
    """
    with _ROUND:
        pass
    with _ROUND:
        pass


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
        self._marks = _marks(self._memory, self.layout)
        self._bytes = np.frombuffer(self._memory, np.uint8)
        self._pictures = _pictures(self._bytes, self.layout)
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
            checksum = _checksum(self._bytes, self.layout, ref.slot)
            CHECKSUM.pack_into(self._memory, self.layout.checksum_at(ref.slot), checksum)
        if WEAKLY_ORDERED:
            _fence()
        self._mark(ref.slot, ref.generation)

    def _take(self) -> int:
        """Mark the oldest slot that nobody leases as in flux, and look again."""
        leased = self.leased
        for slot in sorted(range(self.layout.slots), key=self._generations.__getitem__):
            if slot in leased:
                continue
            before = self._generations[slot]
            self._mark(slot, 0)
            if WEAKLY_ORDERED:
                _fence()
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
        self._marks[slot * ROW_WORDS] = generation
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


def _lost(ref: FrameRef, found: int) -> FrameLost:
    new = found or "one being written"
    return FrameLost(f"{ref.pool}: frame {ref.generation} gave way to {new}")


class Held:
    """A leased frame. `picture` is read-only memory of the pool: keep nothing past `release`.

    As a context manager it gives the picture, and raises `FrameLost` at the end of the block
    if the writer overwrote it in between: then drop what was made of it.
    """

    def __init__(self, pool: "_Mapped", ref: FrameRef) -> None:
        self._pool, self.ref, self._released = pool, ref, False
        found = pool.lease(ref)
        if found != ref.generation:
            pool.free(ref)
            raise _lost(ref, found)
        self.picture = pool.pictures[ref.slot]

    @property
    def stamp(self) -> Stamp:
        frame_seq, captured_ns, utc_ns, _ = self._pool.row(self.ref.slot)
        return Stamp(frame_seq, captured_ns, utc_ns)

    def check(self) -> None:
        """Raise `FrameLost` unless the slot still has this frame."""
        found = self._pool.generation(self.ref.slot)
        if found != self.ref.generation:
            raise _lost(self.ref, found)

    def verify(self) -> None:
        """Raise `FrameLost` unless the pixels match their checksum (pools with `checksum`)."""
        layout = self._pool.layout
        wanted = self._pool.row(self.ref.slot)[3]
        found = _checksum(self._pool.pixels, layout, self.ref.slot) if layout.checksummed else 0
        self.check()
        if found != wanted:
            raise TornFrame(f"{self.ref}: checksum {found:#x}, written {wanted:#x}")

    def release(self) -> None:
        """Give the slot back. More than once is harmless."""
        if not self._released:
            self._released = True
            self._pool.free(self.ref)

    def __enter__(self) -> I420:
        return self.picture

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.check()
        finally:
            self.release()


class FrameReader:
    """Opens pools as refs name them, so processes may start in any order."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._pools: dict[str, _Mapped] = {}
        self._pending: dict[str, socket.socket] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
        for pending in self._pending.values():
            pending.close()
        self._pools, self._pending = {}, {}

    def hold(self, ref: FrameRef) -> Held:
        """Lease a frame until `release`, or raise `FrameLost`."""
        pool = self._pools.get(ref.pool)
        if pool is None or pool.epoch != ref.epoch:
            pool = self._open(ref)
        if not 0 <= ref.slot < pool.slots:
            raise FrameLost(f"{ref.pool}: no slot {ref.slot} in a pool of {pool.slots}")
        return Held(pool, ref)

    read = hold  # `with frames.read(ref) as picture:`

    def quota(self, ref: FrameRef) -> int:
        """How many frames of this pool one reader may hold."""
        return self._pools[ref.pool].layout.quota

    def _open(self, ref: FrameRef) -> "_Mapped":
        if old := self._pools.pop(ref.pool, None):
            old.close()
        peer, first = self._pending.pop(ref.pool, None), False
        if peer is None:
            peer, first = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), True
            peer.settimeout(0)
            try:
                peer.connect(str(socket_path(self._run_dir, ref.pool)))
            except OSError as error:
                peer.close()
                raise FrameLost(f"{ref.pool}: its writer is gone ({error.strerror})") from None
        poll = select.poll()
        poll.register(peer, select.POLLIN)
        if not poll.poll(PATIENCE_MS if first else 0):
            self._pending[ref.pool] = peer
            raise FrameLost(f"{ref.pool}: its writer does not answer yet")
        pool = _Mapped.receive(ref.pool, peer)
        self._pools[ref.pool] = pool
        if pool.layout.epoch != ref.epoch:
            raise FrameLost(f"{ref.pool}: epoch {ref.epoch} is over")
        return pool


class _Mapped:
    """One epoch of a pool in a reader's memory."""

    def __init__(self, peer: socket.socket, pixels: mmap.mmap, leases: mmap.mmap) -> None:
        self._peer, self._memory, self._lease_page = peer, pixels, leases
        self.layout = unpack(pixels[:PAGE], len(pixels))
        self.epoch, self.slots = self.layout.epoch, self.layout.slots
        self.pixels = np.frombuffer(pixels, np.uint8)
        self.pictures = _pictures(self.pixels, self.layout)
        self._marks = _marks(pixels, self.layout)
        self._leases = memoryview(leases).cast("Q")
        self._held = [0] * self.layout.slots

    @classmethod
    def receive(cls, name: str, peer: socket.socket) -> Self:
        """Take the writer's descriptors; `FrameLost` for anything but a sealed pool."""
        fds: list[int] = []
        try:
            greeting, fds, _, _ = socket.recv_fds(peer, GREETING.size, 2)
            pixels, leases = _map(greeting, fds)
            return cls(peer, pixels, leases)
        except (OSError, ValueError) as error:
            peer.close()
            raise FrameLost(f"{name}: {error}") from error
        finally:
            for fd in fds:
                os.close(fd)

    def lease(self, ref: FrameRef) -> int:
        """The generation that the slot has once it is leased: the ref's, or the frame is lost."""
        slot = ref.slot
        self._held[slot] += 1
        self._leases[slot] = ref.generation
        return self.generation(slot)

    def free(self, ref: FrameRef) -> None:
        self._held[ref.slot] -= 1
        if self._held[ref.slot] == 0:
            if WEAKLY_ORDERED:
                _fence()
            self._leases[ref.slot] = 0

    def generation(self, slot: int) -> int:
        """Before and after the use of pixels: fenced on both sides."""
        if WEAKLY_ORDERED:
            _fence()
        generation = self._marks[slot * ROW_WORDS]
        if WEAKLY_ORDERED:
            _fence()
        return generation

    def row(self, slot: int) -> tuple[int, int, int, int]:
        frame_seq, captured_ns, utc_ns, checksum = ROW.unpack_from(
            self._memory, self.layout.row_at(slot)
        )
        return frame_seq, captured_ns, utc_ns, checksum

    def close(self) -> None:
        """End the connection. Pictures still held stay mapped, but no longer leased."""
        self._peer.close()


def _map(greeting: bytes, fds: list[int]) -> tuple[mmap.mmap, mmap.mmap]:
    """Pixels to read and leases to write; `ValueError` for what is not safe to map."""
    if len(greeting) != GREETING.size or greeting[:8] != MAGIC or len(fds) != DESCRIPTORS:
        raise ValueError("its writer left, or is not one")
    for fd in fds:
        if not fcntl.fcntl(fd, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK:
            raise ValueError("its memory is not sealed, so it is not safe to read")
    pixels = mmap.mmap(fds[0], os.fstat(fds[0]).st_size, prot=mmap.PROT_READ)
    return pixels, mmap.mmap(fds[1], PAGE)


def _marks(memory: mmap.mmap, shape: Layout) -> memoryview:
    rows = memoryview(memory)[PAGE : PAGE + shape.slots * ROW_BYTES]
    return rows.cast("Q")


def _pictures(pixels: Plane, shape: Layout) -> list[I420]:
    """A view of each slot, made once: seven views a frame cost more than its lease."""
    starts = (shape.slot_at(slot) for slot in range(shape.slots))
    return [
        planes(pixels[at : at + shape.picture_bytes], shape.width, shape.height) for at in starts
    ]


def _checksum(pixels: Plane, shape: Layout, slot: int) -> int:
    at = shape.slot_at(slot)
    return zlib.crc32(pixels[at : at + shape.picture_bytes].data)
