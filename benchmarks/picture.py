"""Capture to a picture decoded by an RTSP client on loopback, 720p30, beside gst-rtsp-server.

The same client, the same pictures and the same encoder settings. A picture says itself which one
it is, by the counter in its corner; the senders say when they had it.
"""

import bisect
import json
import statistics
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import zmq

from actors.camera.scene import Scene
from benchmarks import data, device
from benchmarks.processes import ROOT, child, module, run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Missing, Row
from bus.messages import Frame, Truth
from bus.pixels import blank
from bus.topics import FRAMES, OVERLAID, TRUTH, endpoint

SIZE = 1280, 720
CAMERA = {"source": "scene:", "width": SIZE[0], "height": SIZE[1], "fps": 30}
BAR_MS = 60.0
PICTURES = 90  # of the reference's round; far longer than any latency
SYSTEM_PYTHON = "/usr/bin/python3"
Times = dict[int, list[int]]  # when a picture of this number was captured, ns


def measure(*, quick: bool) -> list[Row]:
    """All in turn, each alone."""
    seconds, rounds = (4, 1) if quick else (6, 4)
    raw: list[float] = []
    result: list[float] = []
    gst: list[float] = []
    with run_dir() as run:
        try:
            check_gst()
            file: Path | None = prepare(run)
            absent = ""
        except Missing as reason:
            file, absent = None, str(reason)
        for _ in range(rounds):
            raw.append(ours_ms("raw", seconds))
            result.append(ours_ms("result", seconds))
            if file:
                gst.append(gst_ms(file, seconds))
    return rows(statistics.median(raw), statistics.median(result), gst, absent)


def rows(raw_ms: float, result_ms: float, gst: list[float], absent: str) -> list[Row]:
    what = "capture to decoded picture, 720p30, p50"
    bar = f"<= {BAR_MS:g} ms"
    found = [Row(f"{what}, raw", f"{raw_ms:.1f} ms", bar=bar, met=raw_ms <= BAR_MS)]
    if gst:
        gst_ms = statistics.median(gst)
        told = f"{raw_ms:.1f} ms", f"{gst_ms:.1f} ms", f"{raw_ms / gst_ms:.2f}"
        found.append(Row(f"{what}, raw / gst-rtsp-server", *told, "<= 1", raw_ms <= gst_ms))
    else:
        found.append(Row(f"{what}, raw / gst-rtsp-server", f"not measured: {absent}"))
    drawn = f"{what}, result (each box on its frame)"
    return [*found, Row(drawn, f"{result_ms:.1f} ms", bar=bar, met=result_ms <= BAR_MS)]


def ours_ms(kind: str, seconds: float) -> float:
    wait_for_quiet()
    with run_dir() as run, ExitStack() as stack:
        port = device.free_port()
        model = data.network(data.FAST) if kind == "result" else None
        device.write_config(run, CAMERA, model, rtsp={"port": port})
        stages = ["camera", "rtsp", *(["inference", "overlay"] if kind == "result" else [])]
        for stage in stages:
            stack.enter_context(device.actor(run, stage))
        topic = FRAMES if kind == "raw" else OVERLAID
        device.first(run, topic.of(camera=device.CAMERA), Frame)
        captured = stack.enter_context(truth(run))
        return latency_ms(f"rtsp://127.0.0.1:{port}/{device.CAMERA}/{kind}", seconds, captured)


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
        return latency_ms(f"rtsp://127.0.0.1:{port}/{device.CAMERA}", seconds, captured)


def latency_ms(url: str, seconds: float, captured: Times) -> float:
    """Median from capture to decoded, without the first second."""
    command = module("benchmarks.client", url, str(seconds + 1))
    seen = json.loads(subprocess.check_output(command, cwd=ROOT, text=True, timeout=60))
    late_ms: list[float] = []
    for index, decoded_ns in seen[30:]:
        times = captured.get(index, [])
        at = bisect.bisect_right(times, decoded_ns)
        if at:
            late_ms.append((decoded_ns - times[at - 1]) / 1e6)
    if not late_ms:
        raise Missing(f"{url}: no picture whose number could be read")
    return statistics.median(late_ms)


@contextmanager
def truth(run: Path) -> Iterator[Times]:
    """When each picture of the scene was captured, as the camera says, while the block runs."""
    captured: Times = {}
    ended = threading.Event()
    topic = TRUTH.of(camera=device.CAMERA)

    def listen() -> None:
        with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            subscriber.connect(endpoint(run, topic.owner))
            subscriber.subscribe(topic.name.encode())
            while not ended.is_set():
                if subscriber.poll(100):
                    message = msgspec.msgpack.decode(subscriber.recv_multipart()[1], type=Truth)
                    captured.setdefault(message.scene_index, []).append(message.captured_ns)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield captured
    finally:
        ended.set()
        thread.join()


def note(lines: Iterator[str], captured: Times) -> None:
    for line in lines:
        index, captured_ns = map(int, line.split())
        captured.setdefault(index, []).append(captured_ns)


def prepare(run: Path) -> Path:
    """Some seconds of the scene, one picture after the other."""
    scene, picture, file = Scene(0, *SIZE), blank(*SIZE), run / "pictures.i420"
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
