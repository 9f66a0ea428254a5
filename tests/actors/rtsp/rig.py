"""A server on a loopback port, and clients that speak plain bytes to it.

The test is the encoding thread too: it waits for either a client's bytes or the server's orders,
and does what they ask. Time goes on only when a test says so.
"""

import select
import socket
from collections.abc import Callable
from typing import NamedTuple

from actors.rtsp.encoder import Encoder
from actors.rtsp.h264 import AccessUnit, delimiter
from actors.rtsp.mounts import mounts
from actors.rtsp.protocol import Interleaved, Request
from actors.rtsp.rtp import Packet
from actors.rtsp.sdp import Format
from actors.rtsp.server import RtspServer
from actors.settings import Settings
from bus.pixels import blank
from bus.wake import Wake

SECOND_NS = 1_000_000_000
DEADLINE_S = 10
TCP = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class House:
    """A server and the thread that encodes for it."""

    def __init__(self, server: RtspServer, wake: Wake) -> None:
        self.server, self.wake = server, wake
        self.now_ns = 10 * SECOND_NS
        self.lost = 0
        self.viewers: dict[str, int] = {}
        self._encoder = Encoder((64, 48), 30, 24)
        self.want(Settings())
        self.trouble = server.tick(self.now_ns)

    def want(self, settings: Settings) -> None:
        self.server.open(mounts(["front", "back"], settings))

    def wait_for(self, done: Callable[[], bool], *sockets: socket.socket) -> None:
        """Serve the server's orders until `done`, woken by them and by the sockets."""
        poll = select.poll()
        poll.register(self.wake.fd, select.POLLIN)
        for end in sockets:
            poll.register(end, select.POLLIN)
        while not done():
            assert poll.poll(DEADLINE_S * 1000), "nothing came within the deadline"
            self.follow()

    def follow(self) -> None:
        if select.select([self.wake.fd], [], [], 0)[0]:
            self.wake.clear()
        orders = self.server.demand.take()
        self.lost += orders.lost
        self.viewers = {name: count for name, count in orders.viewers.items() if count}
        for stream in orders.formats:
            self.server.describe(stream, Format(self._encoder.sets, 30))
        for stream in orders.key_frames:
            self.show(stream, key_frame=True)

    def show(self, stream: str = "front/raw", *, key_frame: bool = False, size: int = 0) -> None:
        """Publish the next picture, of at least `size` bytes, in its two pieces."""
        self.now_ns += SECOND_NS // 30
        first = [delimiter(key_frame=key_frame)]
        begun = AccessUnit(first, key_frame, self.now_ns, self.now_ns, begun=True)
        self.server.publish(stream, begun)
        nals = self._encoder.encode(blank(64, 48), key_frame=key_frame)
        filler = [b"\x0c" + b"\xff" * size] if size else []
        self.server.publish(stream, begun._replace(nals=nals + filler, begun=False))

    def tick(self, seconds: float = 0) -> None:
        self.now_ns += int(seconds * SECOND_NS)
        self.trouble = self.server.tick(self.now_ns)


class Client:
    """A connection, with what came on it taken apart."""

    def __init__(self, house: House) -> None:
        self.house = house
        port = house.server.port
        self.socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self.url = f"rtsp://127.0.0.1:{port}"
        self.replies: list[Reply] = []
        self.frames: list[Interleaved] = []
        self.ended = False
        self._data = b""
        self._number = 0

    def send(self, method: str, path: str = "/front/raw", *headers: tuple[str, str]) -> None:
        self._number += 1
        uri = path if path == "*" else self.url + path
        self.socket.sendall(bytes(Request(method, uri, (("CSeq", str(self._number)), *headers))))

    def ask(self, method: str, path: str = "/front/raw", *headers: tuple[str, str]) -> Reply:
        self.send(method, path, *headers)
        reply = self.reply()
        assert reply.headers["CSeq"] == str(self._number)
        return reply

    def reply(self) -> Reply:
        self.until(lambda: bool(self.replies))
        return self.replies.pop(0)

    def until(self, done: Callable[[], bool]) -> None:
        def received() -> bool:
            if select.select([self.socket], [], [], 0)[0]:
                self._receive()
            assert done() or not self.ended, "the server closed the connection"
            return done()

        self.house.wait_for(received, self.socket)

    def until_ended(self) -> None:
        self.until(lambda: self.ended)

    def set_up(self, *headers: tuple[str, str], path: str = "/front/raw") -> tuple[str, str]:
        """The session's header."""
        reply = self.ask("SETUP", f"{path}/trackID=0", *(headers or (TCP,)))
        assert reply.status == 200
        return "Session", reply.headers["Session"].partition(";")[0]

    def _receive(self) -> None:
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        self.ended = not data
        self._data += data
        while self._take():
            pass

    def _take(self) -> bool:
        if self._data[:1] == b"$":
            size = 4 + int.from_bytes(self._data[2:4])
            if len(self._data) < max(4, size):
                return False
            self.frames.append(Interleaved.parse(self._data[:size]))
            self._data = self._data[size:]
            return True
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return False
        line, *lines = head.decode().split("\r\n")
        headers = dict(entry.split(": ", 1) for entry in lines)
        length = int(headers.get("Content-Length", 0))
        if len(rest) < length:
            return False
        self.replies.append(Reply(int(line.split()[1]), headers, rest[:length]))
        self._data = rest[length:]
        return True

    def packets(self) -> list[Packet]:
        return [Packet.parse(frame.payload) for frame in self.frames if frame.channel == 0]

    def until_picture(self) -> None:
        """Until one more picture is here to its last packet."""
        whole = sum(packet.marker for packet in self.packets())
        self.until(lambda: sum(packet.marker for packet in self.packets()) > whole)


Start = Callable[..., House]
Connect = Callable[[House], Client]


def udp(receivers: list[socket.socket]) -> tuple[str, str]:
    """The header that asks for datagrams to this pair."""
    port = receivers[0].getsockname()[1]
    return "Transport", f"RTP/AVP/UDP;unicast;client_port={port}-{port + 1}"
