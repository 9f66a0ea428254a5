"""The inference stage alone beside OpenVINO's `benchmark_app`: results a second.

Same model, device and hint. The stage gets 1280x720 frames as fast as it takes them, from a
process that fills its pool once; `benchmark_app` infers one prepared picture again and again.
"""

import re
import statistics
import subprocess
import sys
import time
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
from bus.health import SECOND_NS
from bus.messages import Frame, Result
from bus.pixels import Plane, planes
from bus.sockets import ZmqBus
from bus.topics import FRAMES, split

SIZE = 1280, 720
AHEAD = 8  # frames that wait or are being worked on
SLOTS = 12  # as a camera has by default
FIRST_PAUSE_S = 0.01
START_S = 60.0
SECONDS = 4  # of each in a round
ROUNDS = {"throughput": 20, "latency": 4}  # single ones scatter by 2 %, and a bar is 1 % away


def measure(*, quick: bool) -> list[Row]:
    """Both in turn, each with both hints.

    The bars are for `throughput`, which is what one asks for who wants results a second. With
    `latency` one inference has all cores: whatever else runs on one of them holds up the others.
    """
    rows = []
    for name, bar in ((data.FAST, 0.85), (data.SLOW, 0.95)):
        for hint in ("throughput", "latency"):
            rounds = 2 if quick else ROUNDS[hint]
            ours, theirs = compare(data.network(name), hint, SECONDS, rounds)
            row = at_least(
                f"inference stage / benchmark_app, {hint}, {name}", ours, theirs, "/s", bar
            )
            rows.append(row if hint == "throughput" else row._replace(bar="stated", met=None))
    return rows


def compare(model: Path, hint: str, seconds: float, rounds: int) -> tuple[float, float]:
    """Results a second of the stage and of `benchmark_app`."""
    picture = data.first_picture(data.clip("street-crossing.mp4"))
    ours, theirs = [], []
    with run_dir() as run:
        source = {"source": "scene:", "pace": "max"}
        device.write_config(run, source, model, inference={"hint": hint})
        still = run / "still.png"
        cv2.imwrite(str(still), picture)
        with Feeder(run, picture) as feeder, device.actor(run, "inference"):
            feeder.count(0.5)
            for _ in range(rounds):
                wait_for_quiet()
                ours.append(feeder.count(seconds))
                wait_for_quiet()
                theirs.append(benchmark_app(model, hint, still, seconds))
    return statistics.median(ours), statistics.median(theirs)


class Feeder:
    """Stands in for the camera: frames in small lots, as fast as the stage is done with them.

    How far it is shows in its leases, which cost nobody anything to look at: the stage is to be
    measured and not its company. What runs beside it on the same cores counts against it.
    """

    def __init__(self, run: Path, bgr: Plane) -> None:
        self._run = run
        self._bus = ZmqBus(f"camera-{device.CAMERA}", run)
        self._pool = FrameWriter(run, device.CAMERA, SIZE, slots=SLOTS)
        self._frames = FRAMES.of(camera=device.CAMERA)
        i420 = cv2.cvtColor(cv2.resize(bgr, SIZE), cv2.COLOR_BGR2YUV_I420)
        self._i420 = np.asarray(i420, np.uint8).reshape(-1)
        self._seq_of = dict.fromkeys(range(SLOTS), 0)
        self._seq, self._pause_s = 0, FIRST_PAUSE_S

    def __enter__(self) -> Self:
        for _ in range(self._pool.layout.slots):
            with self._pool.loan(Stamp(0, 0, 0)) as (_, picture):
                picture.copy_from(planes(self._i420, *SIZE))
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()
        self._bus.__exit__()

    def count(self, seconds: float) -> float:
        """Results a second, by the numbers and times of one at the beginning and one at the end."""
        began = self._feed_until_heard()
        end_s = time.perf_counter() + seconds
        while time.perf_counter() < end_s:
            self._refill()
            time.sleep(self._pause_s)
        ended = self._feed_until_heard()
        rate_hz = (ended.seq - began.seq) * SECOND_NS / (ended.published_ns - began.published_ns)
        self._pause_s = AHEAD / 2 / rate_hz
        return rate_hz

    def _feed_until_heard(self) -> Result:
        """A result. The subscription lasts no longer than that."""
        give_up_s = time.perf_counter() + START_S
        with zmq.Context() as context, context.socket(zmq.SUB) as results:
            device.connect(results, self._run, *device.results())
            while not results.poll(round(self._pause_s * 1000)):
                if time.perf_counter() > give_up_s:
                    raise Missing("the inference stage gave no result")
                self._refill()
            return msgspec.msgpack.decode(split(results.recv())[1], type=Result)

    def _refill(self) -> None:
        leased = [self._seq_of[slot] for slot in self._pool.leased]
        answered = min(leased) - 1 if leased else self._seq
        while self._seq < answered + AHEAD:
            self._send()

    def _send(self) -> None:
        self._seq += 1
        now_ns = time.monotonic_ns()
        with self._pool.loan(Stamp(self._seq, now_ns, 0)) as (ref, _):
            self._seq_of[ref.slot] = self._seq  # the slot has its picture
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


def benchmark_app(model: Path, hint: str, picture: Path, seconds: float) -> float:
    """Inferences a second that OpenVINO's own program reaches."""
    program = Path(sys.executable).with_name("benchmark_app")
    if not program.is_file():
        raise Missing(f"{program}: comes with openvino")
    options = ["-m", model, "-d", "CPU", "-hint", hint, "-i", picture, "-t", round(seconds)]
    done = subprocess.run(
        [program, *map(str, options)], check=False, capture_output=True, text=True
    )
    found = re.search(r"Throughput:\s+([\d.]+)", done.stdout)
    if not found:
        raise Missing(f"benchmark_app: {done.stderr[-200:] or done.stdout[-200:]}")
    return float(found[1])
