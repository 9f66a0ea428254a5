"""The ends of processes, as something to poll (Linux pidfds), and the nudge to supervisord.

supervisord polls for up to a second, and a child's end does not wake it: a killed program is
reaped in one turn and started in the next, 1.0 to 2.0 s later (p50 2.0 s of 12 kills, supervisor
4.3). An event listener does not help: its events, too, are handed out in that later turn (2.0 s).
A connection to supervisord's socket, opened and closed, is two turns at once: 0.02 s.
"""

import os
import select
import socket
from contextlib import suppress
from pathlib import Path

from bus.wake import Wake

PATIENCE_S = 0.5


class Deaths(Wake):
    """Turns up in the bus's loop as `Woken` once a watched process has ended."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self.fd = self._epoll.fileno()
        self._watched: dict[int, tuple[str, int]] = {}  # by descriptor
        self._ended: list[str] = []

    def watch(self, actor: str, pid: int) -> None:
        """To be called with each sign of life; what is watched already stays so."""
        if (actor, pid) in self._watched.values():
            return
        with suppress(ProcessLookupError):
            fd = os.pidfd_open(pid)
            self._watched[fd] = actor, pid
            self._epoll.register(fd, select.EPOLLIN)

    def clear(self) -> None:
        for fd, _ in self._epoll.poll(0):
            actor, _ = self._watched.pop(fd)
            self._ended.append(actor)
            os.close(fd)

    def take(self) -> list[str]:
        """The actors whose process ended since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        for fd in self._watched:
            os.close(fd)
        self._watched = {}
        self._epoll.close()


def nudge(supervisord: Path) -> None:
    """Make supervisord look at its children now. It may be gone: then so are we, soon.

    To be told twice does it no harm: it looks and finds nothing to do.
    """
    with socket.socket(socket.AF_UNIX) as peer, suppress(OSError):
        peer.settimeout(PATIENCE_S)
        peer.connect(str(supervisord))
