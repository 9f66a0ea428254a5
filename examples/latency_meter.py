"""Prints, once a second, how old frames and results are when they arrive here.

python examples/latency_meter.py
"""

import time
from collections import defaultdict
from typing import Any

from actors.config import load, where
from actors.wiring import results
from bus.health import quantile
from bus.messages import Frame, Result, Tick
from bus.subscriber import Subscriber
from bus.topics import FRAMES, OVERLAID, Topic

device = load(where())
cameras = [camera.name for camera in device.camera]
topics: list[Topic[Any]] = [kind.of(camera=c) for kind in (FRAMES, OVERLAID) for c in cameras]
topics += results(device)

ages_ms: defaultdict[str, list[float]] = defaultdict(list)
with Subscriber(device.run, topics) as messages:
    for message in messages:
        age_ms = (time.monotonic_ns() - getattr(message, "captured_ns", 0)) / 1e6
        match message:
            case Frame(camera=camera, ref=ref):
                ages_ms[f"frame of {camera} from {ref.pool}"].append(age_ms)
            case Result(camera=camera, inference=inference):
                ages_ms[f"result of {camera} from {inference}"].append(age_ms)
            case Tick():
                for what, ages in sorted(ages_ms.items()):
                    ages.sort()
                    p50, p99 = quantile(ages, 0.5), quantile(ages, 0.99)
                    print(f"{what}: {len(ages)} in a second, {p50} ms p50, {p99} ms p99")
                print(flush=True)
                ages_ms.clear()
