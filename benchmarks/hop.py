"""Frame hop at 30 a second to two readers: sent to array in hand."""

import statistics
from contextlib import ExitStack

from benchmarks.fanout import FPS, Seen, fanout
from benchmarks.processes import run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Row, at_most, times_faster

FULL_HD, UHD = (1920, 1080), (3840, 2160)
LINES = {
    "ours": ("ours", FULL_HD),
    "bare": ("bare", FULL_HD),
    "ours4k": ("ours", UHD),
    **{kind: (kind, FULL_HD) for kind in ("imagezmq-bgr", "copied-bgr", "imagezmq", "copied")},
}


def measure(*, quick: bool) -> list[Row]:
    """One second of each in turn, all readers joined throughout."""
    with run_dir() as run, ExitStack() as stack:
        fanouts = {
            name: stack.enter_context(fanout(kind, run, name, size))
            for name, (kind, size) in LINES.items()
        }
        for _ in range(3 if quick else 24):
            wait_for_quiet()
            for each in fanouts.values():
                each.send(FPS)
        p50_us = {name: median_us(each.end()) for name, each in fanouts.items()}
    ours, bare = p50_us["ours"], p50_us["bare"]
    return [
        at_most("frame hop 1080p30, 2 readers, p50 / bare 8 bytes", ours, bare, "us", 1.3),
        at_most("frame hop 4K / 1080p", p50_us["ours4k"], ours, "us", 1.1),
        times_faster("frame hop / imagezmq, BGR", ours, p50_us["imagezmq-bgr"], "us", 8),
        times_faster("frame hop / pyzmq with the frame, BGR", ours, p50_us["copied-bgr"], "us", 8),
        times_faster("frame hop / imagezmq, same I420", ours, p50_us["imagezmq"], "us", 8),
        times_faster("frame hop / pyzmq, same I420", ours, p50_us["copied"], "us", 8),
    ]


def median_us(readers: list[Seen]) -> float:
    return statistics.median(hop for seen in readers for hop in seen.hops_ns) / 1000
