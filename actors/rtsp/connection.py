"""One client's connection: its requests one after the other, RTSP's methods.

A request that waits for the encoder holds up this client only.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import ClassVar

from actors.rtsp import rtcp, sdp
from actors.rtsp.admission import KEEP_ALIVE, PUBLIC, Admitted
from actors.rtsp.media import Media, Viewer
from actors.rtsp.mounts import content_base
from actors.rtsp.outlets import Address, TcpOutlet, UdpOutlet
from actors.rtsp.protocol import Interleaved, Malformed, Parser, Request, Response, answer
from actors.rtsp.rtp import Packet
from actors.rtsp.session import State, Transport, choose_transport
from actors.rtsp.viewer import LIMIT_BYTES

READ_BYTES = 1 << 16
LIVE = ("Range", "npt=now-")

log = logging.getLogger(__name__)


class Connection:
    """Serves a client until it leaves, speaks something else, or is closed."""

    def __init__(
        self, media: Media, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._media, self._reader, self._writer = media, reader, writer
        self._local: Address = writer.get_extra_info("sockname")
        self._peer: Address = writer.get_extra_info("peername") or ("", 0)
        self._interleaved: dict[int, Viewer] = {}  # by RTP channel
        self._viewers: list[Viewer] = []
        self._nonce = ""
        self._last_ns = media.now_ns
        writer.transport.set_write_buffer_limits(high=2 * LIMIT_BYTES)

    async def serve(self) -> Malformed | None:
        """What was wrong with the client, if anything was."""
        parser = Parser()
        try:
            while data := await self._reader.read(READ_BYTES):
                for event in parser.feed(data):
                    self._last_ns = self._media.now_ns
                    if isinstance(event, Malformed):
                        self._writer.write(bytes(Response(event.status)))
                        return event
                    if isinstance(event, Interleaved):
                        self._hear(event)
                    else:
                        await self._carry_out(event)
        except OSError:
            pass  # the client is gone
        finally:
            self._leave()
        return None

    def idle(self, now_ns: int, idle_ns: int) -> bool:
        """No session depends on this connection, and none came of it for long."""
        return not self._living and now_ns - self._last_ns > idle_ns

    def forsaken(self, ended: Collection[Viewer]) -> bool:
        """It had one of these sessions and has no other."""
        return not self._living and any(viewer in ended for viewer in self._viewers)

    @property
    def _living(self) -> bool:
        return any(self._media.viewer(viewer.session.id) for viewer in self._viewers)

    @property
    def peer(self) -> str:
        return str(self._peer[0])

    def close(self) -> None:
        """End it once what was written has left."""
        self._writer.close()

    def abort(self) -> None:
        """End it now."""
        self._writer.transport.abort()

    def _leave(self) -> None:
        for viewer in self._interleaved.values():
            self._media.end(viewer)
        self._writer.close()

    def _hear(self, event: Interleaved) -> None:
        viewer = self._interleaved.get(event.channel & ~1)
        if viewer:
            self._media.seen(viewer)

    async def _carry_out(self, request: Request) -> None:
        admitted = self._media.admission.admit(request, self._media.now_ns, self._nonce)
        if isinstance(admitted, Response):
            response: Response | None = admitted
        else:
            self._nonce = admitted.nonce or self._nonce
            response = await self._METHODS[request.method](self, request, admitted)
        if response:
            self._writer.write(bytes(response))
        await self._writer.drain()

    async def _keep_alive(self, request: Request, _: Admitted) -> Response:
        named = _session_id(request)
        viewer = self._media.viewer(named)
        if named and not viewer:
            return answer(request, 454)
        if viewer:
            self._media.seen(viewer)
        return answer(request, 200, PUBLIC, *self._session_header(viewer))

    async def _describe(self, request: Request, admitted: Admitted) -> Response:
        accepted = request.header("Accept")
        if accepted and not any(kind in accepted for kind in (sdp.CONTENT_TYPE, "*/*")):
            return answer(request, 406)
        form = await self._media.format_of(admitted.stream)
        if form is None:
            return answer(request, 503)
        base = ("Content-Base", content_base(request.uri))
        kind = ("Content-Type", sdp.CONTENT_TYPE)
        address = str(self._local[0]).partition("%")[0]
        body = sdp.describe(admitted.stream, form, address, self._media.ssrc(admitted.stream))
        return answer(request, 200, kind, base, body=body)

    async def _setup(self, request: Request, admitted: Admitted) -> Response:
        named = _session_id(request)
        if named:
            return self._setup_again(request, admitted, named)
        if self._media.full:
            return answer(request, 503)
        offers = request.header("Transport") or ""
        transport = choose_transport(offers, self._interleaved)
        if transport is None:
            return answer(request, 461)
        try:
            viewer, header = self._open(admitted, transport)
        except OSError as error:
            log.warning("no way to send to %s: %s", self.peer, error)
            return answer(request, 503)
        viewer.session.step("SETUP")
        self._viewers.append(viewer)
        return answer(request, 200, ("Transport", header), *self._session_header(viewer))

    def _setup_again(self, request: Request, admitted: Admitted, named: str) -> Response:
        """A session has one stream, and keeps the transport it was set up with."""
        viewer = self._media.viewer(named)
        if not viewer:
            return answer(request, 454)
        return answer(request, 455 if viewer.session.stream == admitted.stream else 459)

    def _open(self, asked: Admitted, transport: Transport) -> tuple[Viewer, str]:
        media, ssrc = self._media, self._media.ssrc(asked.stream)
        if transport.lower == "TCP":
            outlet = TcpOutlet(self._writer.transport, transport.rtp)
            viewer = media.setup(asked, transport, outlet)
            self._interleaved[transport.rtp] = viewer
            return viewer, transport.header(ssrc)

        def heard(datagram: bytes) -> None:
            with suppress(ValueError):
                if rtcp.is_report(rtcp.parse(datagram)):
                    media.seen(viewer)

        pair = UdpOutlet(self._local, self._peer, transport.rtp, heard)
        viewer = media.setup(asked, transport, pair)
        return viewer, transport.header(ssrc, pair.server_port)

    async def _play(self, request: Request, admitted: Admitted) -> Response | None:
        viewer = self._mine(request, admitted)
        if not viewer:
            return answer(request, 454)
        playing = viewer.session.state is State.PLAYING
        if not viewer.session.step(request.method):
            return answer(request, 455)
        headers = (*self._session_header(viewer), LIVE)
        if playing:
            return answer(request, 200, *headers)

        def begin(first: Packet) -> None:
            """RTP-Info can only be right once the first packet is there: answer just before."""
            url = f"{content_base(request.uri)}{sdp.TRACK}"
            numbers = f"seq={first.sequence_number};rtptime={first.timestamp}"
            info = ("RTP-Info", f"url={url};{numbers}")
            self._writer.write(bytes(answer(request, 200, *headers, info)))

        await self._media.play(viewer, begin)
        if viewer.begin is None:
            return None
        viewer.begin = None
        if not self._media.viewer(viewer.session.id):
            return answer(request, 454)
        return answer(request, 200, *headers)

    async def _pause(self, request: Request, admitted: Admitted) -> Response:
        viewer = self._mine(request, admitted)
        if not viewer:
            return answer(request, 454)
        playing = viewer.session.state is State.PLAYING
        if not viewer.session.step(request.method):
            return answer(request, 455)
        if playing:
            self._media.pause(viewer)
        return answer(request, 200, *self._session_header(viewer))

    async def _teardown(self, request: Request, admitted: Admitted) -> Response:
        viewer = self._mine(request, admitted)
        if not viewer:
            return answer(request, 454)
        self._media.end(viewer)
        if viewer.session.transport.lower == "TCP":
            self._interleaved.pop(viewer.session.transport.rtp, None)
        return answer(request, 200)

    def _mine(self, request: Request, admitted: Admitted) -> Viewer | None:
        """The session a request names, if it is of this stream, and of this connection if its
        packets go between the requests."""
        viewer = self._media.viewer(_session_id(request))
        if not viewer or viewer.session.stream != admitted.stream:
            return None
        if viewer.session.transport.lower == "TCP" and viewer not in self._interleaved.values():
            return None
        self._media.seen(viewer)
        return viewer

    def _session_header(self, viewer: Viewer | None) -> list[tuple[str, str]]:
        if not viewer:
            return []
        return [("Session", f"{viewer.session.id};timeout={int(self._media.timeout_s)}")]

    _METHODS: ClassVar[
        dict[str, Callable[["Connection", Request, Admitted], Awaitable[Response | None]]]
    ] = {
        **dict.fromkeys(KEEP_ALIVE, _keep_alive),
        "DESCRIBE": _describe,
        "SETUP": _setup,
        "PLAY": _play,
        "PAUSE": _pause,
        "TEARDOWN": _teardown,
    }


def _session_id(request: Request) -> str:
    return (request.header("Session") or "").partition(";")[0].strip()
