"""What a user would write: decode, infer, draw and encode one after the other, in one process.

OpenCV decodes, OpenVINO resizes in the graph and infers, OpenCV draws, x264 encodes. Run as
`python -m benchmarks.plain_loop CLIP MODEL SECONDS`; prints frames a second.
"""

import sys
import time
from collections.abc import Iterator
from fractions import Fraction

import av
import cv2
import numpy as np
import openvino as ov
from openvino.preprocess import PrePostProcessor, ResizeAlgorithm

from bus.pixels import Plane

SCORE = 0.5
WARM_UP = 20  # frames


def main() -> None:
    clip, model, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    frames = endless(clip)
    height, width = next(frames).shape[:2]
    request, encoder = compiled(model, width, height), encoder_of(width, height)
    began_s, count = 0.0, 0
    for at, frame in enumerate(frames):
        result = request.infer({0: frame[None]})
        for _, label, score, *corners in next(iter(result.values()))[0, 0]:
            if score >= SCORE:
                draw(frame, f"{int(label)} {score:.2f}", corners)
        picture = av.VideoFrame.from_ndarray(frame, format="bgr24").reformat(format="yuv420p")
        picture.pts = at
        sum(len(bytes(packet)) for packet in encoder.encode(picture))
        if at == WARM_UP:
            began_s = time.perf_counter()
        elif at > WARM_UP:
            count += 1
            if time.perf_counter() - began_s > seconds:
                break
    print(count / (time.perf_counter() - began_s))


def endless(clip: str) -> Iterator[Plane]:
    while True:
        reader = cv2.VideoCapture(clip)
        whole, frame = reader.read()
        while whole:
            yield np.asarray(frame, np.uint8)
            whole, frame = reader.read()
        reader.release()


def compiled(model: str, width: int, height: int) -> ov.InferRequest:
    core = ov.Core()
    steps = PrePostProcessor(core.read_model(model))
    tensor = steps.input().tensor()
    tensor.set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    tensor.set_spatial_static_shape(height, width)
    steps.input().preprocess().resize(ResizeAlgorithm.RESIZE_LINEAR)
    steps.input().model().set_layout(ov.Layout("NCHW"))
    options = {"PERFORMANCE_HINT": "LATENCY"}
    return core.compile_model(steps.build(), "CPU", options).create_infer_request()


def encoder_of(width: int, height: int) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(30), Fraction(1, 30)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "24"}
    return encoder


def draw(frame: Plane, caption: str, corners: list[float]) -> None:
    height, width = frame.shape[:2]
    x0, y0, x1, y1 = (
        int(part * side) for part, side in zip(corners, (width, height, width, height), strict=True)
    )
    cv2.rectangle(frame, (x0, y0), (x1, y1), (0, 255, 0), 2)
    cv2.putText(frame, caption, (x0, y0 - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 255, 0), 1)


if __name__ == "__main__":
    main()
