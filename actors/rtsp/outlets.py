"""Ways for packets to leave to one viewer: between its requests, or as datagrams.

Both never wait. What cannot leave yet is queued and counted in `waiting_bytes`; an `OSError`
says that the viewer is gone.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from actors.rtsp.stream import Burst, framed

BURST_PACKETS = 24  # datagrams at once: more in one go overrun a receiver's buffer
BURST_S = 0.001
LONGEST_REPORT = 2048
ATTEMPTS = 64

Address = tuple[Any, ...]  # as sockets have it: host, port, and for IPv6 two more


class Outlet(Protocol):
    """What the server needs of either."""

    @property
    def waiting_bytes(self) -> int: ...

    def rtp(self, burst: Burst) -> None: ...

    def rtcp(self, packet: bytes) -> None: ...

    def close(self) -> None: ...


class TcpOutlet:
    """RFC 2326 section 10.12. The connection belongs to its requests."""

    def __init__(self, transport: asyncio.WriteTransport, channel: int) -> None:
        self._transport, self._channel = transport, channel

    @property
    def waiting_bytes(self) -> int:
        return self._transport.get_write_buffer_size()

    def rtp(self, burst: Burst) -> None:
        self._transport.write(burst.interleaved(self._channel))

    def rtcp(self, packet: bytes) -> None:
        self._transport.write(framed(self._channel + 1, packet))

    def close(self) -> None:
        pass


class UdpOutlet:
    """A pair of sockets, connected to the viewer's pair."""

    def __init__(
        self, local: Address, peer: Address, client_port: int, heard: Callable[[bytes], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._heard = heard
        self._queue: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._rtp, self._rtcp = _bind_pair(local)
        self.server_port: int = self._rtp.getsockname()[1]
        for offset, end in enumerate((self._rtp, self._rtcp)):
            end.connect((peer[0], client_port + offset, *peer[2:]))
        self._loop.add_reader(self._rtcp, self._receive)

    @property
    def waiting_bytes(self) -> int:
        return self._waiting_bytes

    def rtp(self, burst: Burst) -> None:
        """Send the first packets now, the rest a few at a time. Raises `ConnectionRefusedError`
        if the viewer's port is closed."""
        self._queue += burst.packets
        self._waiting_bytes += sum(map(len, burst.packets))
        if not self._timer:
            self._send_some()

    def rtcp(self, packet: bytes) -> None:
        with suppress(OSError):  # the next report replaces it; only RTP's port must be open
            self._rtcp.send(packet)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._loop.remove_reader(self._rtcp)
        self._rtp.close()
        self._rtcp.close()

    def _send_some(self) -> None:
        self._timer = None
        with suppress(BlockingIOError):
            for _ in range(min(BURST_PACKETS, len(self._queue))):
                self._rtp.send(self._queue[0])
                self._waiting_bytes -= len(self._queue.popleft())
        if self._queue:
            self._timer = self._loop.call_later(BURST_S, self._send_later)

    def _send_later(self) -> None:
        try:
            self._send_some()
        except OSError:  # the kernel tells it once, so tell it again when asked to send
            self._rtp.close()

    def _receive(self) -> None:
        with suppress(OSError):
            self._heard(self._rtcp.recv(LONGEST_REPORT))


def _bind_pair(local: Address) -> tuple[socket.socket, socket.socket]:
    """An even port for RTP and the next for RTCP, RFC 3550 section 11."""
    family = socket.AF_INET6 if len(local) > 2 else socket.AF_INET  # noqa: PLR2004 its fields
    for _ in range(ATTEMPTS):
        rtp, rtcp = (_socket(family) for _ in range(2))
        try:
            rtp.bind((local[0], 0, *local[2:]))
            port = rtp.getsockname()[1]
            if port % 2 == 0:
                rtcp.bind((local[0], port + 1, *local[2:]))
                return rtp, rtcp
        except OSError as error:
            last = error
        rtp.close()
        rtcp.close()
    raise OSError(f"no pair of free UDP ports on {local[0]}") from last


def _socket(family: socket.AddressFamily) -> socket.socket:
    end = socket.socket(family, socket.SOCK_DGRAM)
    end.setblocking(False)  # noqa: FBT003 the name says it
    return end
