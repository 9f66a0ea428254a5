"""CPU time of a reader of 1080p30 beside an imagezmq reader's."""

import statistics

from benchmarks.fanout import FPS, fanout
from benchmarks.hop import FULL_HD
from benchmarks.processes import run_dir
from benchmarks.table import Row, times_faster


def measure(*, quick: bool) -> list[Row]:
    """Some seconds of each alone, in turn."""
    seconds, rounds = (3, 1) if quick else (4, 6)
    spent: dict[str, list[float]] = {"ours": [], "imagezmq-bgr": []}
    for _ in range(rounds):
        for kind, each_us in spent.items():
            with run_dir() as run, fanout(kind, run, kind, FULL_HD) as each:
                each.send(seconds * FPS)
                each_us += [seen.cpu_us for seen in each.end()]
    ours, theirs = (statistics.median(each_us) for each_us in spent.values())
    what = "CPU of a reader, 1080p30 / imagezmq reader's, BGR"
    return [times_faster(what, ours, theirs, "us a frame", 10)]
