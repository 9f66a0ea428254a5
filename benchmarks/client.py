"""An RTSP client that decodes: when it had which picture, by the counter burned into it.

`python -m benchmarks.client URL SECONDS` prints a JSON list of [index, monotonic_ns].
"""

import json
import sys
import time

import av
import numpy as np
from av.codec.context import Flags
from av.video.frame import VideoFrame

from actors.camera.counter import read_counter
from bus.pixels import Plane

OPTIONS = {"rtsp_transport": "tcp", "probesize": "32768", "analyzeduration": "200000"}


def main() -> None:
    url, seconds = sys.argv[1], float(sys.argv[2])
    seen: list[tuple[int, int]] = []
    with av.open(url, options=OPTIONS) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1  # frame threads would hold pictures back
        stream.codec_context.flags |= Flags.low_delay
        end_s = time.monotonic() + seconds
        for frame in container.decode(stream):
            now_ns = time.monotonic_ns()
            index = read_counter(luma(frame))
            if index is not None:
                seen.append((index, now_ns))
            if time.monotonic() > end_s:
                break
    print(json.dumps(seen))


def luma(frame: VideoFrame) -> Plane:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


if __name__ == "__main__":
    main()
