"""`retinue up` to the first result on the bus: with nothing compiled yet, and again."""

import statistics
import time

from benchmarks import device
from benchmarks.processes import run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Row
from bus.messages import Result

BAR_S = 4.0


def measure(*, quick: bool) -> list[Row]:
    """The first start of each round compiles the model, the second finds it in the cache."""
    rounds = [first_results_s() for _ in range(1 if quick else 5)]
    cold_s, warm_s = zip(*rounds, strict=True)
    return [
        Row(
            f"`retinue up` to the first result, {what}",
            f"{statistics.median(times_s):.2f} s (worst {max(times_s):.2f} s)",
            bar=f"<= {BAR_S:g} s",
            met=statistics.median(times_s) <= BAR_S,
        )
        for what, times_s in (("model not compiled yet", cold_s), ("again", warm_s))
    ]


def first_results_s() -> list[float]:
    times_s = []
    with run_dir() as run:
        device.write_config(
            run, {"source": "scene:"}, device.BUILT_IN, rtsp={"port": device.free_port()}
        )
        for _ in range(2):
            wait_for_quiet()
            begun_s = time.perf_counter()
            with device.whole(run):
                device.first(run, *device.results(), kind=Result)
                times_s.append(time.perf_counter() - begun_s)
    return times_s
