"""The server's state: streams, sessions and who waits for what. Lives on the server's loop.

Time comes from outside: `now_ns` is set by `sweep`, which ends what is overdue.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from actors.rtsp import session
from actors.rtsp.admission import Admission, Admitted
from actors.rtsp.demand import Demand
from actors.rtsp.h264 import AccessUnit
from actors.rtsp.outlets import Outlet
from actors.rtsp.rtp import Packet
from actors.rtsp.sdp import Format
from actors.rtsp.session import Session, State
from actors.rtsp.stream import Burst, Start, Stream
from actors.rtsp.viewer import Flow

SECOND_NS = 1_000_000_000
MOST_SESSIONS = 100
PATIENCE_NS = 4 * SECOND_NS  # for the encoder's answer, below what clients wait for ours

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Viewer:
    """A session, its way out, and what of the stream it gets."""

    session: Session
    outlet: Outlet
    flow: Flow = field(default_factory=Flow)
    begin: Callable[[Packet], None] | None = None  # called with the first packet, before it goes
    begun: "asyncio.Future[None] | None" = None  # done then, or when it is waited for no longer

    def offer(self, burst: Burst, *, report_due: bool) -> bool:
        """Send a burst if this viewer can take it; whether it lost one. Raises `OSError`."""
        if not self.flow.admits(self.outlet.waiting_bytes, key_frame=burst.key_frame):
            return self.flow.lagging and not burst.begun
        if self.begin:
            self.begin(burst.first)
            self.begin, report_due = None, True
        if report_due:
            self.outlet.rtcp(burst.report)
        self.outlet.rtp(burst)
        return False


class Media:
    """One server's streams and viewers."""

    def __init__(
        self, streams: Iterable[str], admission: Admission, demand: Demand, timeout_s: float
    ) -> None:
        self.admission, self.demand = admission, demand
        self.timeout_s, self.now_ns = timeout_s, 0
        self._streams = {name: Stream(_random_start(), f"{name}@retinue") for name in streams}
        self._viewers: dict[str, Viewer] = {}
        self._formats: dict[str, list[asyncio.Future[Format | None]]] = {}
        self._overdue: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def full(self) -> bool:
        return len(self._viewers) >= MOST_SESSIONS

    def ssrc(self, stream: str) -> int:
        return self._streams[stream].ssrc

    def viewer(self, session_id: str) -> Viewer | None:
        return self._viewers.get(session_id)

    def open(self, mounts: Mapping[str, str]) -> list[Viewer]:
        """Show what these paths name, and nothing else; the viewers that are ended by it."""
        self.admission.mounts = mounts
        ended = [v for v in self._viewers.values() if v.session.mount not in mounts]
        for viewer in ended:
            self._dismiss(viewer)
        return ended

    def setup(self, asked: Admitted, transport: session.Transport, outlet: Outlet) -> Viewer:
        """A new session, still in its initial state."""
        name = secrets.token_hex(8)
        found = Session(name, asked.stream, asked.mount, transport, self.now_ns)
        viewer = self._viewers[found.id] = Viewer(found, outlet)
        return viewer

    def seen(self, viewer: Viewer) -> None:
        viewer.session.last_seen_ns = self.now_ns

    def play(self, viewer: Viewer, begin: Callable[[Packet], None]) -> "asyncio.Future[None]":
        """Have a READY viewer begin at the next key frame. Done when it did, or took too long."""
        begun = viewer.begun = self._within_patience()

        def started(first: Packet) -> None:
            begin(first)
            _settle(begun)

        viewer.begin, viewer.flow = started, Flow()
        self.demand.begin(viewer.session.stream)
        return begun

    def pause(self, viewer: Viewer) -> None:
        self.demand.end(viewer.session.stream)

    def end(self, viewer: Viewer) -> None:
        """Forget a session. Harmless if it was ended already."""
        if self._viewers.pop(viewer.session.id, None):
            if viewer.session.state is State.PLAYING:
                self.demand.end(viewer.session.stream)
            viewer.session.state = State.INIT
            viewer.outlet.close()
            if viewer.begun:
                _settle(viewer.begun)

    def deliver(self, name: str, unit: AccessUnit) -> None:
        """Send a picture to all who play its stream. Whoever is gone is ended, alone."""
        stream = self._streams[name]
        burst, report_due, lost = stream.pack(unit), stream.report_due(unit), 0
        for viewer in tuple(self._viewers.values()):
            if viewer.session.stream != name or viewer.session.state is not State.PLAYING:
                continue
            try:
                lost += viewer.offer(burst, report_due=report_due)
            except OSError as error:
                log.info("a viewer of %s is gone: %s", name, error)
                self.end(viewer)
        if lost:
            self.demand.lose(lost)

    async def format_of(self, stream: str) -> Format | None:
        """What the encoder says of a stream, or None if it does not in time."""
        late = self._within_patience()
        asked: asyncio.Future[Format | None] = late.get_loop().create_future()
        late.add_done_callback(lambda _: _settle_with(asked, None))
        self._formats.setdefault(stream, []).append(asked)
        self.demand.describe(stream)
        try:
            return await asked
        finally:
            _settle(late)

    def describe(self, stream: str, form: Format) -> None:
        for asked in self._formats.pop(stream, []):
            _settle_with(asked, form)

    def sweep(self, now_ns: int) -> None:
        """Time went on: end waits and sessions that are overdue."""
        self.now_ns = now_ns
        for deadline_ns, future in self._overdue:
            if now_ns > deadline_ns:
                _settle(future)
        self._overdue = [entry for entry in self._overdue if not entry[1].done()]
        timeout_ns = int(self.timeout_s * SECOND_NS)
        for viewer in tuple(self._viewers.values()):
            if viewer.session.expired(now_ns, timeout_ns):
                self.end(viewer)

    def close(self) -> None:
        """Say goodbye to all viewers."""
        for viewer in tuple(self._viewers.values()):
            self._dismiss(viewer)
        for _, future in self._overdue:
            _settle(future)

    def _dismiss(self, viewer: Viewer) -> None:
        if viewer.session.state is State.PLAYING:
            viewer.outlet.rtcp(self._streams[viewer.session.stream].bye())
        self.end(viewer)

    def _within_patience(self) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._overdue.append((self.now_ns + PATIENCE_NS, future))
        return future


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _settle_with(future: "asyncio.Future[Format | None]", form: Format | None) -> None:
    if not future.done():
        future.set_result(form)


def _random_start() -> Start:
    return Start(secrets.randbits(32), secrets.randbits(16), secrets.randbits(32))
