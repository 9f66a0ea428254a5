"""Hands a pool's descriptors to readers, and knows which of them still live.

A thread of the writer's process accepts on `$RUN/frames/<pool>.sock` and sends each peer the
pixels (read-only) and a lease page of its own with `SCM_RIGHTS`. The connection is the
reader's life: when it closes, however the reader died, its leases are gone.
"""

import fcntl
import logging
import mmap
import os
import selectors
import socket
import struct
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bus.layout import GREETING, MAGIC, PAGE, Layout

log = logging.getLogger(__name__)

MOST_READERS = 64
F_SEAL_FUTURE_WRITE = 0x0010  # linux/fcntl.h, since 5.1; Python 3.11 has no name for it
FIXED_SIZE = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
CREDENTIALS = struct.Struct("3i")  # SO_PEERCRED: pid, uid, gid

Leases = NDArray[np.uint64]


def socket_path(run_dir: Path, pool: str) -> Path:
    return run_dir / "frames" / f"{pool}.sock"


class Handover:
    """Serves one pool until `close`. `leases` is one array a living reader."""

    def __init__(self, path: Path, pixels_fd: int, layout: Layout) -> None:
        self._path, self._layout = path, layout
        self._pixels_fd = os.open(f"/proc/self/fd/{pixels_fd}", os.O_RDONLY | os.O_CLOEXEC)
        self.leases: tuple[Leases, ...] = ()
        self._readers: dict[socket.socket, Leases] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        self._listener.listen(MOST_READERS)
        self._closing, self._close = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for end in (self._listener, self._closing):
            self._selector.register(end, selectors.EVENT_READ)
        self._thread = threading.Thread(
            target=self._serve, name=f"handover {path.stem}", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Let all readers go and remove the socket."""
        self._close.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._closing:
                    return self._shut()
                if key.fileobj is self._listener:
                    self._welcome(self._listener.accept()[0])
                else:
                    self._forget(key.data)

    def _welcome(self, peer: socket.socket) -> None:
        _, uid, _ = CREDENTIALS.unpack(
            peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        )
        if uid not in {os.getuid(), 0} or len(self._readers) >= MOST_READERS:
            peer.close()
            return
        peer.settimeout(0)
        try:
            leases_fd, leases = _lease_page(self._layout.slots)
        except OSError as error:  # out of descriptors, say: this reader must try again
            log.warning("%s: a reader was turned away: %s", self._path.stem, error)
            peer.close()
            return
        self._readers[peer] = leases
        self._selector.register(peer, selectors.EVENT_READ, peer)
        self.leases = tuple(self._readers.values())  # before the reader can lease anything
        try:
            greeting = GREETING.pack(MAGIC, self._layout.epoch)
            socket.send_fds(peer, [greeting], [self._pixels_fd, leases_fd])
        except OSError:  # the peer left at once
            self._forget(peer)
        finally:
            os.close(leases_fd)

    def _forget(self, peer: socket.socket) -> None:
        """A reader is never to speak: what can be read is its end, or reason to end it."""
        self._selector.unregister(peer)
        del self._readers[peer]
        self.leases = tuple(self._readers.values())
        peer.close()

    def _shut(self) -> None:
        for peer in list(self._readers):
            self._forget(peer)
        self._selector.close()
        self._closing.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)
        os.close(self._pixels_fd)


def _lease_page(slots: int) -> tuple[int, Leases]:
    """A page for one reader to write in and for us to read; nobody can make it shorter."""
    fd = os.memfd_create("retinue-leases", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(fd, PAGE)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, FIXED_SIZE)
        page = mmap.mmap(fd, PAGE, prot=mmap.PROT_READ)
    except OSError:
        os.close(fd)
        raise
    return fd, np.frombuffer(page, np.uint64, slots)
