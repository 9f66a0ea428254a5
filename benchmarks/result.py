"""Capture to result at 720p30, beyond the bare inference.

The bare inference is the same network and device, called synchronously 30 times a second on a
prepared input by an otherwise idle process, while a camera alone runs as it does beside ours.
"""

import statistics
import time
from pathlib import Path

import cv2
import msgspec
import numpy as np
import openvino as ov
import zmq
from openvino.preprocess import PrePostProcessor

from benchmarks import data, device
from benchmarks.processes import run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Row
from bus.messages import Result
from bus.topics import split

FPS = 30
MOST_MS = 3.0
CAMERA = {"source": "scene:", "width": 1280, "height": 720, "fps": FPS}


def measure(*, quick: bool) -> list[Row]:
    """Both in turn."""
    model = data.network(data.FAST)
    frames = (3 if quick else 5) * FPS
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(1 if quick else 5):
        wait_for_quiet()
        ours.append(capture_to_result_ms(model, frames))
        wait_for_quiet()
        bare.append(bare_inference_ms(model, frames))
    late_ms, infer_ms = statistics.median(ours), statistics.median(bare)
    more_ms = late_ms - infer_ms
    return [
        Row(
            "capture to result, 720p30, p50, beyond the bare inference",
            f"{late_ms:.2f} ms",
            f"{infer_ms:.2f} ms",
            f"+{more_ms:.2f} ms",
            f"<= +{MOST_MS:g} ms",
            more_ms <= MOST_MS,
        )
    ]


def capture_to_result_ms(model: Path, frames: int) -> float:
    """Median over `frames` results, as a subscriber in another process gets them."""
    with run_dir() as run:
        device.write_config(run, CAMERA, model)
        with device.actor(run, "camera"), device.actor(run, "inference"):
            device.first(run, *device.results(), kind=Result)
            with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
                device.connect(subscriber, run, *device.results())
                late_ms = [_late_ms(subscriber) for _ in range(FPS + frames)]
    return statistics.median(late_ms[FPS:])


def _late_ms(subscriber: zmq.Socket[bytes]) -> float:
    _, wire = split(subscriber.recv())
    now_ns = time.monotonic_ns()
    return (now_ns - msgspec.msgpack.decode(wire, type=Result).captured_ns) / 1e6


def bare_inference_ms(model: Path, frames: int) -> float:
    """Median of a synchronous inference, at the camera's rate and beside it."""
    request = _compiled(model)
    _, height, width, _ = request.get_compiled_model().input(0).shape
    picture = data.first_picture(data.clip("street-crossing.mp4"))
    tensor = np.asarray(cv2.resize(picture, (width, height)), np.uint8)[None]
    spent_ms = []
    with run_dir() as run:
        device.write_config(run, CAMERA, None)
        with device.actor(run, "camera"):
            due_s = time.perf_counter()
            for _ in range(FPS + frames):
                began_s = time.perf_counter()
                request.infer({0: tensor}, share_inputs=True)
                spent_ms.append((time.perf_counter() - began_s) * 1000)
                due_s += 1 / FPS
                time.sleep(max(0.0, due_s - time.perf_counter()))
    return statistics.median(spent_ms[FPS:])


def _compiled(model: Path) -> ov.InferRequest:
    core = ov.Core()
    steps = PrePostProcessor(core.read_model(model))
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    options = {"PERFORMANCE_HINT": "LATENCY"}
    return core.compile_model(steps.build(), "CPU", options).create_infer_request()
