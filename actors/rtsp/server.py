"""The server as the encoding thread sees it: its own thread, its socket, its clients.

Nothing here waits for a client, and no client for another. The thread's death is found out by
`tick`, which raises then: whoever supervises the process starts a new one.
"""

import asyncio
import errno
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, Self

from actors.config import Rtsp
from actors.rtsp.admission import Admission
from actors.rtsp.connection import Connection
from actors.rtsp.demand import Demand
from actors.rtsp.digest import Gate
from actors.rtsp.h264 import AccessUnit
from actors.rtsp.media import SECOND_NS, Media
from actors.rtsp.mounts import streams
from actors.rtsp.protocol import Malformed
from actors.rtsp.sdp import Format
from actors.rtsp.session import TIMEOUT_S
from actors.rtsp.users import Users

MOST_CONNECTIONS = 100
BACKLOG = 64
IDLE_NS = 15 * SECOND_NS  # for a connection without a session
RETRY_NS = SECOND_NS
FAREWELL_S = 0.5  # for what was written to leave, at the end
SEND_BUFFER_BYTES = 1 << 18  # a slow viewer is to wait here, where it is seen, not in the kernel

log = logging.getLogger(__name__)


class Server(Protocol):
    """What the encoding thread needs of a server."""

    demand: Demand

    def tick(self, now_ns: int) -> str:
        """Let time pass. What is wrong with the server, for a person; empty if nothing is."""

    def open(self, mounts: Mapping[str, str]) -> None:
        """Show what these paths name and nothing else. Whose path is gone is told and let go."""

    def publish(self, stream: str, unit: AccessUnit) -> None: ...

    def describe(self, stream: str, form: Format) -> None: ...


class RtspServer:
    """Listens from the first `tick` on, and tries again every second if it cannot. There is
    nothing to see before the first `open`: what was switched off stays so through a restart."""

    def __init__(
        self,
        config: Rtsp,
        cameras: Iterable[str],
        wake: Callable[[], None],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.demand, self._config, self._users = Demand(wake), config, Users(config.users)
        admission = Admission({}, Gate(self._users, secrets.token_bytes(32)))
        self._media = Media(streams(cameras), admission, self.demand, timeout_s)
        self._clients: dict[asyncio.Task[None], Connection] = {}
        self._malformed = 0
        self._listener: socket.socket | None = None
        self._tried_ns: int | None = None
        self._trouble = "starting"
        self._died: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="rtsp server", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The port it listens on, 0 if it does not."""
        return int(self._listener.getsockname()[1]) if self._listener else 0

    def tick(self, now_ns: int) -> str:
        """As `Server.tick`. Raises `RuntimeError` if the server's thread is dead."""
        if not self._thread.is_alive():
            raise RuntimeError("the RTSP server's thread died") from self._died
        overdue = self._tried_ns is None or now_ns - self._tried_ns >= RETRY_NS
        if not self._listener and overdue:
            self._tried_ns = now_ns
            self._trouble = self._listen()
        self._loop.call_soon_threadsafe(self._sweep, now_ns)
        return self._trouble or self._users.trouble

    def open(self, mounts: Mapping[str, str]) -> None:
        self._loop.call_soon_threadsafe(self._open, mounts)

    def publish(self, stream: str, unit: AccessUnit) -> None:
        self._loop.call_soon_threadsafe(self._media.deliver, stream, unit)

    def describe(self, stream: str, form: Format) -> None:
        self._loop.call_soon_threadsafe(self._media.describe, stream, form)

    def close(self) -> None:
        """Take leave of all viewers and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()
        if self._listener:
            self._listener.close()

    def _listen(self) -> str:
        host, port = self._config.bind, self._config.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        except OSError as error:
            return _explain(error, host, port)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        timeout_ms = int(self._media.timeout_s * 1000)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)
        self._listener = listener
        log.info("listening on rtsp://%s:%d", host, self.port)
        opening = asyncio.start_server(self._welcome, sock=listener)
        asyncio.run_coroutine_threadsafe(opening, self._loop)
        return ""

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._died = error
            raise

    async def _serve(self) -> None:
        await self._stopped.wait()
        self._media.close()
        for client in self._clients.values():
            client.close()
        if self._clients:
            await asyncio.wait(list(self._clients), timeout=FAREWELL_S)
        for client in self._clients.values():
            client.abort()
        if self._clients:
            await asyncio.wait(list(self._clients))

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._stopped.is_set() or len(self._clients) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        client = self._clients[task] = Connection(self._media, reader, writer)
        try:
            fault = await client.serve()
        finally:
            del self._clients[task]
        if fault:
            self._count(fault, client)

    def _count(self, fault: Malformed, client: Connection) -> None:
        """Say it the 1st, 10th, 100th ... time: a scanner must not fill the log."""
        self._malformed += 1
        if str(self._malformed).strip("0") == "1":
            told = self._malformed, client.peer, fault.reason
            log.warning("refused malformed input (%d so far), now of %s: %s", *told)

    def _open(self, mounts: Mapping[str, str]) -> None:
        ended = self._media.open(mounts)
        for client in tuple(self._clients.values()):
            if client.forsaken(ended):
                client.close()

    def _sweep(self, now_ns: int) -> None:
        self._media.sweep(now_ns)
        for client in tuple(self._clients.values()):
            if client.idle(now_ns, IDLE_NS):
                client.abort()


def _explain(error: OSError, host: str, port: int) -> str:
    """What is wrong with the address, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program: set [rtsp] port"
    if error.errno == errno.EACCES:
        return f"port {port} is for root only: set [rtsp] port above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"no interface has the address {host}: set [rtsp] host"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"
