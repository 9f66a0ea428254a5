"""The inference stage alone beside OpenVINO's `benchmark_app`: results a second.

Same model, device and hint. The stage gets 1280x720 frames as fast as it takes them, from a
process that fills its pool once; `benchmark_app` infers one prepared picture again and again.
"""

import re
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import cv2
import msgspec
import numpy as np
import zmq

from benchmarks import data, device
from benchmarks.processes import run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Missing, Row, at_least
from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.messages import Frame, Result
from bus.pixels import Plane, planes
from bus.sockets import ZmqBus
from bus.topics import FRAMES, RESULTS, endpoint, split

SIZE = 1280, 720
AHEAD = 12  # frames that wait or are being worked on
LOOK_S = 0.01
START_S = 60.0


def measure(*, quick: bool) -> list[Row]:
    """Both in turn."""
    rows = []
    for name, bar in ((data.FAST, 0.85), (data.SLOW, 0.95)):
        ours, theirs = compare(
            data.network(name), seconds=3 if quick else 6, rounds=2 if quick else 4
        )
        what = f"inference stage / benchmark_app, {name}"
        rows.append(at_least(what, ours, theirs, "/s", bar))
    return rows


def compare(model: Path, seconds: float, rounds: int) -> tuple[float, float]:
    """Results a second of the stage and of `benchmark_app`."""
    picture = data.first_picture(data.clip("street-crossing.mp4"))
    ours, theirs = [], []
    with run_dir() as run:
        device.write_config(run, {"source": "scene:", "pace": "max"}, model)
        still = run / "still.png"
        cv2.imwrite(str(still), picture)
        with Feeder(run, picture) as feeder, device.actor(run, "inference"):
            feeder.count(0.5)
            for _ in range(rounds):
                wait_for_quiet()
                ours.append(feeder.count(seconds))
                wait_for_quiet()
                theirs.append(benchmark_app(model, still, seconds))
    return statistics.median(ours), statistics.median(theirs)


class Feeder:
    """Stands in for the camera: a new frame for each result, in small lots.

    It looks for results a hundred times a second and not at each, since the stage is to be
    measured and not its company: what runs beside it on the same cores counts against it.
    """

    def __init__(self, run: Path, bgr: Plane) -> None:
        self._bus = ZmqBus(f"camera-{device.CAMERA}", run)
        self._pool = FrameWriter(run, device.CAMERA, SIZE, slots=2 * AHEAD)
        self._frames = FRAMES.of(camera=device.CAMERA)
        results = RESULTS.of(camera=device.CAMERA, inference=device.ENTRY)
        self._context = zmq.Context()
        self._results = self._context.socket(zmq.SUB)
        self._results.connect(endpoint(run, results.owner))
        self._results.subscribe(results.name.encode())
        i420 = cv2.cvtColor(cv2.resize(bgr, SIZE), cv2.COLOR_BGR2YUV_I420)
        self._i420 = np.asarray(i420, np.uint8).reshape(-1)
        self._seq = self._answered = 0

    def __enter__(self) -> Self:
        for _ in range(self._pool.layout.slots):
            with self._pool.loan(Stamp(0, 0, 0)) as (_, picture):
                picture.copy_from(planes(self._i420, *SIZE))
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()
        self._context.destroy(linger=0)
        self._bus.__exit__()

    def count(self, seconds: float) -> float:
        """Results a second, counted from the first that comes."""
        give_up_s = time.perf_counter() + START_S
        while not self._take():
            if time.perf_counter() > give_up_s:
                raise Missing("the inference stage gave no result")
            self._answered = self._seq  # nobody listens yet: those sent are lost
            self._refill()
        begun_s, done = time.perf_counter(), 0
        while time.perf_counter() < begun_s + seconds:
            self._refill()
            done += self._take()
        return done / (time.perf_counter() - begun_s)

    def _take(self) -> int:
        """How many results have come since the last look."""
        time.sleep(LOOK_S)
        came = 0
        with suppress(zmq.Again):
            while True:
                _, wire = split(self._results.recv(zmq.DONTWAIT))
                self._answered = msgspec.msgpack.decode(wire, type=Result).frame_seq
                came += 1
        return came

    def _refill(self) -> None:
        while self._seq < self._answered + AHEAD:
            self._send()

    def _send(self) -> None:
        self._seq += 1
        now_ns = time.monotonic_ns()
        with self._pool.loan(Stamp(self._seq, now_ns, 0)) as (ref, _):
            pass  # the slot has its picture
        width, height = SIZE
        frame = Frame(
            camera=device.CAMERA,
            frame_seq=self._seq,
            captured_ns=now_ns,
            captured_utc_ns=0,
            width=width,
            height=height,
            ref=ref,
        )
        self._bus.send(self._frames, frame)


def benchmark_app(model: Path, picture: Path, seconds: float) -> float:
    """Inferences a second that OpenVINO's own program reaches."""
    program = Path(sys.executable).with_name("benchmark_app")
    if not program.is_file():
        raise Missing(f"{program}: comes with openvino")
    options = ["-m", model, "-d", "CPU", "-hint", "latency", "-i", picture, "-t", round(seconds)]
    done = subprocess.run(
        [program, *map(str, options)], check=False, capture_output=True, text=True
    )
    found = re.search(r"Throughput:\s+([\d.]+)", done.stdout)
    if not found:
        raise Missing(f"benchmark_app: {done.stderr[-200:] or done.stdout[-200:]}")
    return float(found[1])
