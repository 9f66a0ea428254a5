"""Capture to a picture decoded by an RTSP client on loopback, 720p30, beside gst-rtsp-server.

The same client, the same pictures and the same encoder settings. A picture says itself which one
it is, by the counter in its corner; the senders say when they had it. The reference's pictures are
prepared, so beside it ours count from when they are drawn, not from when drawing began. The client
adds one period to all: its parser ends a picture when the next one begins.
"""

import bisect
import json
import statistics
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
import zmq

from actors.camera.scene import Scene
from actors.scenery import Setting
from benchmarks import data, device
from benchmarks.processes import ROOT, child, module, run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Missing, Row
from bus.messages import SENT, Frame, Truth
from bus.pixels import blank
from bus.topics import FRAMES, OVERLAID, TRUTH, endpoint, split

SIZE = 1280, 720
CAMERA = {"source": "scene:", "width": SIZE[0], "height": SIZE[1], "fps": 30}
FPS = 30
WHAT = "capture to decoded picture, 720p30, p50"
BAR_MS = 60.0
PICTURES = 90  # of the reference's round; far longer than any latency
SYSTEM_PYTHON = "/usr/bin/python3"
PATIENCE_S = 40.0  # for a client; gst-rtsp-server sometimes does not serve one at all
Times = dict[int, list[int]]  # when a picture of this number was there, ns


class Latency(NamedTuple):
    """Medians up to the decoded picture."""

    captured_ms: float
    drawn_ms: float


def measure(*, quick: bool) -> list[Row]:
    """All in turn, each alone."""
    seconds, rounds = (4, 1) if quick else (6, 4)
    raw: list[Latency] = []
    result: list[Latency] = []
    gst: list[float] = []
    with run_dir() as run:
        try:
            check_gst()
            file: Path | None = prepare(run)
            absent = ""
        except Missing as reason:
            file, absent = None, str(reason)
        for _ in range(rounds):
            raw.append(ours("raw", seconds))
            result.append(ours("result", seconds))
            if file:
                gst.append(gst_ms(file, seconds))
    return [*rows(raw, result), beside_gst(raw, gst, absent)]


def rows(raw: list[Latency], result: list[Latency]) -> list[Row]:
    found = []
    for stream, latencies in (("raw", raw), ("result, each box on its frame", result)):
        late_ms = statistics.median(latency.captured_ms for latency in latencies)
        what = f"{WHAT}, {stream}"
        found.append(Row(what, f"{late_ms:.1f} ms", bar=f"<= {BAR_MS:g} ms", met=late_ms <= BAR_MS))
    return found


def beside_gst(raw: list[Latency], gst: list[float], absent: str) -> Row:
    what = f"{WHAT}, raw, once drawn / gst-rtsp-server"
    if not gst:
        return Row(what, f"not measured: {absent}")
    raw_ms, gst_ms = statistics.median(each.drawn_ms for each in raw), statistics.median(gst)
    told = f"{raw_ms:.1f} ms", f"{gst_ms:.1f} ms", f"{raw_ms / gst_ms:.2f}"
    return Row(what, *told, "<= 1", raw_ms <= gst_ms)


def ours(kind: str, seconds: float) -> Latency:
    wait_for_quiet()
    with run_dir() as run, ExitStack() as stack:
        port = device.free_port()
        model = data.network(data.FAST) if kind == "result" else None
        device.write_config(run, CAMERA, model, rtsp={"port": port})
        stages = ["camera", "rtsp", *(["inference", "overlay"] if kind == "result" else [])]
        for stage in stages:
            stack.enter_context(device.actor(run, stage))
        topic = FRAMES if kind == "raw" else OVERLAID
        device.first(run, topic.of(camera=device.CAMERA), kind=Frame)
        witness = stack.enter_context(Witness(run))
        url = f"rtsp://127.0.0.1:{port}/{device.CAMERA}/{kind}"
        seen = decoded(url, seconds)
    return Latency(late_ms(seen, witness.captured), late_ms(seen, witness.drawn))


def gst_ms(file: Path, seconds: float) -> float:
    wait_for_quiet()
    port = device.free_port()
    script = str(ROOT / "benchmarks" / "gst_server.py")
    arguments = [SYSTEM_PYTHON, script, str(port), str(file), *map(str, SIZE)]
    with child(*arguments, quiet=True) as server:
        assert server.stdout  # noqa: S101 it is piped
        if server.stdout.readline().strip() != "listening":
            raise Missing("gst-rtsp-server did not start")
        captured: Times = {}
        reader = threading.Thread(target=note, args=(server.stdout, captured), daemon=True)
        reader.start()
        return late_ms(decoded(f"rtsp://127.0.0.1:{port}/{device.CAMERA}", seconds), captured)


def decoded(url: str, seconds: float) -> list[tuple[int, int]]:
    """Numbers of pictures and when a client had them decoded, without the first second."""
    command = module("benchmarks.client", url, str(seconds + 1))
    try:
        found = subprocess.check_output(command, cwd=ROOT, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise Missing(f"{url}: no picture came") from None
    return [(index, decoded_ns) for index, decoded_ns in json.loads(found)[FPS:]]


def late_ms(seen: list[tuple[int, int]], captured: Times) -> float:
    """Median from a picture's time to its being decoded."""
    found: list[float] = []
    for index, decoded_ns in seen:
        times = captured.get(index, [])
        at = bisect.bisect_right(times, decoded_ns)
        if at:
            found.append((decoded_ns - times[at - 1]) / 1e6)
    if not found:
        raise Missing("no picture whose number could be read")
    return statistics.median(found)


class Witness:
    """Hears from the camera when each picture was captured, and when it was there."""

    def __init__(self, run: Path) -> None:
        self.captured: Times = {}
        self.drawn: Times = {}
        self._run, self._ended = run, threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _listen(self) -> None:
        topics = FRAMES.of(camera=device.CAMERA), TRUTH.of(camera=device.CAMERA)
        drawn_ns = 0
        with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            subscriber.connect(endpoint(self._run, topics[0].owner))
            for topic in topics:
                subscriber.subscribe(topic.name.encode())
            while not self._ended.is_set():
                if not subscriber.poll(100):
                    continue
                message = msgspec.msgpack.decode(split(subscriber.recv())[1], type=SENT)
                match message:
                    case Frame(published_ns=published_ns):
                        drawn_ns = published_ns
                    case Truth(scene_index=index, captured_ns=captured_ns):
                        self.captured.setdefault(index, []).append(captured_ns)
                        self.drawn.setdefault(index, []).append(drawn_ns)


def note(lines: Iterator[str], captured: Times) -> None:
    for line in lines:
        index, captured_ns = map(int, line.split())
        captured.setdefault(index, []).append(captured_ns)


def prepare(run: Path) -> Path:
    """Some seconds of the scene, one picture after the other."""
    scene, picture, file = Scene(Setting(0), *SIZE), blank(*SIZE), run / "pictures.i420"
    with file.open("wb") as out:
        for index in range(PICTURES):
            scene.draw(index, picture)
            for plane in picture:
                out.write(plane.tobytes())
    return file


def check_gst() -> None:
    probe = (
        "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0'); "
        "from gi.repository import Gst, GstRtspServer; Gst.init(None); "
        "assert Gst.ElementFactory.find('x264enc')"
    )
    try:
        subprocess.run([SYSTEM_PYTHON, "-c", probe], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise Missing(
            "needs the system's python3-gi, gir1.2-gst-rtsp-server-1.0 and x264enc"
        ) from None
