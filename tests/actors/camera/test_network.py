"""Network cameras over real sockets: a small web server says, and withholds, what it likes."""

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from actors.config import Camera
from tests.actors.camera.clips import MakeClip, Watched

Watch = Callable[[Camera], Watched]
OK = b"HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: "
TRANSPORT_STREAM = OK + b"video/mp2t\r\n\r\n"
UNAUTHORIZED = (
    b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="c"\r\n'
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)
PAGE = OK + b"text/html\r\nContent-Length: 27\r\n\r\n<html>no camera here</html>"


class WebServer:
    """Answers each connection with the next of `answers`, the last of them again and again.

    A connection is closed after its answer, but kept open and silent with `stalls`.
    """

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.requests: list[bytes] = []
        self.stalls = False
        self.served = threading.Semaphore(0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            peer, _ = self._listener.accept()
            request = peer.recv(4096)
            if not request:
                peer.close()
                return
            self.requests.append(request)
            peer.sendall(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
            if self.stalls:
                self._open.append(peer)
            else:
                peer.close()
            self.served.release()

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)):
            pass  # connects and says nothing: the end
        self._thread.join()
        for each in (self._listener, *self._open):
            each.close()


@pytest.fixture
def server() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


def camera(port: int, path: str = "live.ts") -> Camera:
    return Camera("net", f"http://user:secret@127.0.0.1:{port}/{path}")


def stream(make_clip: MakeClip) -> bytes:
    return TRANSPORT_STREAM + make_clip("live.ts", count=50).read_bytes()


def test_a_stream_that_ends_is_told_and_opened_again(
    make_clip: MakeClip, watch: Watch, server: WebServer
) -> None:
    server.answers = [stream(make_clip)]
    watched = watch(camera(server.port))
    watched.until_said("the other side ended the stream")
    seen = len(watched.shots)
    watched.until(lambda: len(watched.shots) > seen)
    watched.until_said("***@127.0.0.1")
    assert watched.shots[0].size == (320, 240)


def test_a_password_is_read_where_it_lies_and_reaches_the_camera(
    make_clip: MakeClip, watch: Watch, server: WebServer, tmp_path: Path
) -> None:
    file, password = tmp_path / "password", "p@/: %ss"
    server.answers = [UNAUTHORIZED, stream(make_clip)]
    source = f"http://eye@127.0.0.1:{server.port}/live.ts"
    watched = watch(Camera("net", source, password=f"file:{file}"))
    watched.until_said(f"password: {file}: No such file or directory")
    file.write_text(f"{password}\n")
    watched.until_said("320x240 at 25")
    proof = base64.b64encode(f"eye:{password}".encode())
    assert b"Authorization: Basic " + proof in server.requests[1]


def test_a_stall_is_noticed_by_the_clock_and_then_connected_again(
    make_clip: MakeClip, watch: Watch, server: WebServer
) -> None:
    server.answers, server.stalls = [stream(make_clip)], True
    watched = watch(camera(server.port))
    watched.until_said("320x240 at 25")
    now_ns = watched.shots[-1].captured_ns
    assert watched.feed.condition(now_ns + 100_000_000).state == "running"
    assert "no pictures come" in watched.feed.condition(now_ns + 1_000_000_000).detail
    watched.until_said("no data for 2 s")
    watched.until_said("320x240 at 25")
    assert server.served.acquire(timeout=10)
    assert server.served.acquire(timeout=10)


def test_motion_jpeg_changes_its_size(watch: Watch, server: WebServer) -> None:
    parts = [OK + b"multipart/x-mixed-replace; boundary=cut\r\n\r\n"]
    for width, height in [(320, 240)] * 20 + [(160, 120)] * 20:
        _, jpeg = cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8))
        head = b"--cut\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
        parts += [head, jpeg.tobytes(), b"\r\n"]
    server.answers, server.stalls = [b"".join(parts)], True
    watched = watch(camera(server.port, "video.cgi"))
    watched.until(lambda: any(shot.size == (160, 120) for shot in watched.shots))


def test_a_recording_on_a_server_is_played_at_its_speed(
    make_clip: MakeClip, watch: Watch, server: WebServer
) -> None:
    clip = make_clip("a.mkv", count=10).read_bytes()
    head = OK + b"video/x-matroska\r\nContent-Length: %d\r\n\r\n" % len(clip)
    server.answers = [head + clip]
    watched = watch(Camera("net", f"http://127.0.0.1:{server.port}/a.mkv", loop=False))
    shots = watched.until_end()
    assert len(shots) == 10
    assert shots[-1].captured_ns - shots[0].captured_ns > 300_000_000


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.0 401 Unauthorized\r\n\r\n", "401 unauthorized: check user and password"),
        (b"HTTP/1.0 404 Not Found\r\n\r\n", "404 not found: check the path"),
        (b"HTTP/1.0 500 Oh\r\n\r\n", "the server failed (5xx)"),
        (PAGE, "no video that can be read"),
        (b"\x00\x01garbage", ""),
    ],
)
def test_a_refusal_says_what_to_do_and_no_password(
    watch: Watch, server: WebServer, answer: bytes, said: str
) -> None:
    server.answers = [answer]
    watched = watch(camera(server.port))
    watched.until(lambda: watched.feed.condition(0).state == "degraded")
    assert said in watched.detail
    assert "secret" not in watched.detail


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_nobody_listens(watch: Watch, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    watched = watch(Camera("net", f"{scheme}://user:secret@127.0.0.1:{port}/live"))
    assert watched.until_said("connection refused").startswith(f"{scheme}://***@127.0.0.1:{port}/")


def test_closing_does_not_wait_for_a_silent_camera(watch: Watch, server: WebServer) -> None:
    server.answers, server.stalls = [TRANSPORT_STREAM], True
    watched = watch(camera(server.port))
    assert server.served.acquire(timeout=10)
    watched.feed.close()
    assert watched.feed.next(0, 0) is None


def test_an_rtsp_server_that_does_not_answer(watch: Watch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        watch(Camera("net", f"rtsp://127.0.0.1:{port}/live")).until_said("no answer in time")
