"""Ways from an I420 frame to a model's input: why planes are resized first.

`python -m benchmarks.fit` prints medians for 1280x720 frames and the fast network. The frames lie
in a ring that no cache holds: in a device another process has just written them.
"""

import itertools
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor, ResizeAlgorithm

from actors.inference.fit import Fit
from benchmarks import data
from bus.pixels import I420, Plane, planes

SIZE = 1280, 720
ROUNDS, CALLS = 7, 60
RING = 32  # frames, 44 MB


def main() -> None:
    bgr = cv2.resize(data.first_picture(data.clip("street-crossing.mp4")), SIZE)
    flat = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8).reshape(-1)
    ring = [planes(flat.copy(), *SIZE) for _ in range(RING)]
    ways = {**fillings(ring), **inferences(ring[0])}
    times_ms: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):  # in turn, so that all meet the same machine
        for name, way in ways.items():
            times_ms[name].append(median_ms(way))
    for name, each in times_ms.items():
        print(f"{name:<52} {statistics.median(each):6.2f} ms")


def fillings(ring: list[I420]) -> dict[str, Callable[[], object]]:
    """What one frame costs outside the model, for an input of 256x256."""
    tensor = np.zeros((1, 256, 256, 3), np.uint8)
    fit, frames = Fit(tensor, "BGR"), itertools.cycle(ring)
    return {
        "planes first: resize I420, convert the small picture": lambda: fit.fill(next(frames)),
        "the same without reading ahead": lambda: fit.stretch(next(frames), read_ahead=False),
        "BGR first: convert the frame, resize it": lambda: cv2.resize(
            next(frames).bgr(), (256, 256), dst=tensor[0]
        ),
        "convert the frame (before a resize in the graph)": lambda: next(frames).bgr(),
    }


def inferences(picture: I420) -> dict[str, Callable[[], object]]:
    """One inference: of a picture that fits, or resized (and converted) in the graph."""
    small = np.asarray(cv2.resize(picture.bgr(), (256, 256)), np.uint8)[None]
    whole = picture.bgr()[None]
    stacked = np.concatenate([plane.reshape(-1) for plane in picture]).reshape(1, -1, SIZE[0], 1)
    fitting, resizing, converting = (compiled(how) for how in ("fits", "resize", "i420"))
    return {
        "inference, picture fits": lambda: infer(fitting, small),
        "inference with the resize in the graph, from BGR": lambda: infer(resizing, whole),
        "inference with conversion and resize in the graph": lambda: infer(converting, stacked),
    }


def compiled(how: str) -> ov.InferRequest:
    core = ov.Core()
    steps = PrePostProcessor(core.read_model(data.network(data.FAST)))
    tensor = steps.input().tensor().set_element_type(ov.Type.u8)
    if how == "i420":
        tensor.set_color_format(ColorFormat.I420_SINGLE_PLANE)
        steps.input().preprocess().convert_color(ColorFormat.BGR)
    else:
        tensor.set_layout(ov.Layout("NHWC"))
    if how != "fits":
        width, height = SIZE
        tensor.set_spatial_static_shape(height, width)
        steps.input().preprocess().convert_element_type(ov.Type.f32)
        steps.input().preprocess().resize(ResizeAlgorithm.RESIZE_LINEAR)
    steps.input().model().set_layout(ov.Layout("NCHW"))
    return core.compile_model(
        steps.build(), "CPU", {"PERFORMANCE_HINT": "LATENCY"}
    ).create_infer_request()


def infer(request: ov.InferRequest, tensor: Plane) -> None:
    request.set_input_tensor(ov.Tensor(tensor, shared_memory=True))
    request.infer()


def median_ms(way: Callable[[], object]) -> float:
    spent = []
    for _ in range(CALLS):
        began = time.perf_counter()
        way()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
