"""The reading side of frame pools, see frames.py."""

import fcntl
import mmap
import os
import select
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from bus.frames import FrameLost, Stamp, TornFrame, checksum, generations, pictures
from bus.handover import socket_path
from bus.layout import GREETING, MAGIC, PAGE, ROW, unpack
from bus.messages import FrameRef
from bus.pixels import I420
from bus.words import shared_words

DESCRIPTORS = 2  # pixels, leases
PATIENCE_MS = 50  # a pool's first use waits this long for its writer's thread, once


class Held:
    """A leased frame. `picture` is read-only memory of the pool: keep nothing past `release`.

    As a context manager it gives the picture, and raises `FrameLost` at the end of the block
    if the writer overwrote it in between: then drop what was made of it.
    """

    __slots__ = ("_pool", "_released", "picture", "ref")

    def __init__(self, pool: "_Mapped", ref: FrameRef) -> None:
        self._pool, self.ref, self._released = pool, ref, False
        slot = ref.slot
        pool.held[slot] += 1
        pool.leases[slot] = ref.generation
        found = pool.generations[slot]
        if found != ref.generation:
            self.release()
            raise _lost(ref, found)
        self.picture = pool.pictures[slot]

    @property
    def stamp(self) -> Stamp:
        frame_seq, captured_ns, utc_ns, _ = self._pool.row(self.ref.slot)
        return Stamp(frame_seq, captured_ns, utc_ns)

    def check(self) -> None:
        """Raise `FrameLost` unless the slot still has this frame."""
        found = self._pool.generations[self.ref.slot]
        if found != self.ref.generation:
            raise _lost(self.ref, found)

    def verify(self) -> None:
        """Raise `FrameLost` unless the pixels match their checksum (pools with `checksum`)."""
        layout = self._pool.layout
        wanted = self._pool.row(self.ref.slot)[3]
        found = checksum(self._pool.memory, layout, self.ref.slot) if layout.checksummed else 0
        self.check()
        if found != wanted:
            raise TornFrame(f"{self.ref}: checksum {found:#x}, written {wanted:#x}")

    def release(self) -> None:
        """Give the slot back. More than once is harmless."""
        if self._released:
            return
        self._released, pool, slot = True, self._pool, self.ref.slot
        pool.held[slot] -= 1
        if pool.held[slot] == 0:
            pool.leases[slot] = 0

    def __enter__(self) -> I420:
        return self.picture

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        found = self._pool.generations[self.ref.slot]
        self.release()
        if kind is None and found != self.ref.generation:
            raise _lost(self.ref, found)


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


def _lost(ref: FrameRef, found: int) -> FrameLost:
    new = found or "one being written"
    return FrameLost(f"{ref.pool}: frame {ref.generation} gave way to {new}")


class _Mapped:
    """One epoch of a pool in a reader's memory."""

    def __init__(self, peer: socket.socket, pixels: mmap.mmap, leases: mmap.mmap) -> None:
        self._peer, self.memory = peer, pixels
        self.layout = unpack(pixels[:PAGE], len(pixels))
        self.epoch, self.slots = self.layout.epoch, self.layout.slots
        self.pictures = pictures(pixels, self.layout)
        self.generations = generations(pixels, self.layout)
        self.leases = shared_words(leases, 0, self.slots)
        self.held = [0] * self.slots  # how often each slot is held here: the last one frees it

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

    def row(self, slot: int) -> tuple[int, int, int, int]:
        frame_seq, captured_ns, utc_ns, checksum = ROW.unpack_from(
            self.memory, self.layout.row_at(slot)
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
