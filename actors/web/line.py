"""A connection that looks up while it waits, so that nothing holds it up for long.

httpx bounds each wait for bytes, not their sum: a server that sends one byte of its headers a
minute would hold us for weeks, and nobody could stop that. So a wait is cut into short ones.
"""

import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

SECOND_NS = 1_000_000_000
SLICE_S = 0.1  # how soon `stop` and the end of the time are noticed
SHORTEST_S = 0.001
PIECE_BYTES = 1 << 14  # of what is sent, between two looks


class Line(httpcore.NetworkStream):
    """A stream that calls `look_up` every `SLICE_S` while it reads, and between pieces it writes.

    What that raises ends it.
    """

    def __init__(
        self,
        inner: httpcore.NetworkStream,
        look_up: Callable[[], None],
        clock_ns: Callable[[], int],
    ) -> None:
        self._inner, self._look_up, self._clock_ns = inner, look_up, clock_ns

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        begun_ns = self._clock_ns()
        while True:
            self._look_up()
            left_s = SLICE_S
            if timeout is not None:
                left_s = timeout - (self._clock_ns() - begun_ns) / SECOND_NS
            try:
                return self._inner.read(max_bytes, max(SHORTEST_S, min(SLICE_S, left_s)))
            except httpcore.ReadTimeout:
                if left_s <= SLICE_S and timeout is not None:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), PIECE_BYTES):
            self._look_up()
            self._inner.write(buffer[at : at + PIECE_BYTES], timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return Line(inner, self._look_up, self._clock_ns)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Lines(httpcore.NetworkBackend):
    """Makes such connections."""

    def __init__(self, look_up: Callable[[], None], clock_ns: Callable[[], int]) -> None:
        self._look_up, self._clock_ns = look_up, clock_ns
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self._look_up()
        made = self._plain.connect_tcp(host, port, timeout, local_address, socket_options)
        return Line(made, self._look_up, self._clock_ns)
