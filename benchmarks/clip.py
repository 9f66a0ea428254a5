"""A clip at full pace: decode, infer, draw, encode; frames a second beside the plain loop."""

import statistics
import subprocess
import time
from pathlib import Path

import av

from benchmarks import data, device
from benchmarks.processes import ROOT, module, run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Row, at_least
from bus.messages import Frame, Result
from bus.topics import OVERLAID

CLIPS = ("car-detection.mp4", "street-crossing.mp4")
WARM_UP_S = 2.0


def measure(*, quick: bool) -> list[Row]:
    """Both in turn, each alone."""
    model, rows = data.network(data.FAST), []
    for name in CLIPS:
        clip = data.clip(name)
        ours: list[float] = []
        inferred: list[float] = []
        plain: list[float] = []
        for _ in range(1 if quick else 8):
            wait_for_quiet()
            encoded, share = retinue(clip, model, 5)
            ours.append(encoded)
            inferred.append(share)
            wait_for_quiet()
            plain.append(plain_loop(clip, model, 5))
        what = f"clip at full pace / plain loop, {name}"
        row = at_least(what, statistics.median(ours), statistics.median(plain), "/s", 1.3)
        rows.append(row._replace(ours=f"{row.ours}, {100 * min(inferred):.0f} % inferred"))
    return rows


def retinue(clip: Path, model: Path, seconds: float) -> tuple[float, float]:
    """Encoded frames a second at one viewer, and the share of drawn frames with a result."""
    with run_dir() as run:
        port = device.free_port()
        camera = {"source": f"file:{clip}", "pace": "max", "loop": True}
        hint = {"hint": "throughput"}  # a clip is not to be quick but to be done
        device.write_config(run, camera, model, rtsp={"port": port}, inference=hint)
        with device.whole(run):
            device.first(run, *device.results(), kind=Result)
            with device.view(port) as viewer:
                return watch(run, viewer, seconds)


def watch(run: Path, viewer: av.container.InputContainer, seconds: float) -> tuple[float, float]:
    packets = viewer.demux(video=0)
    until = time.perf_counter() + WARM_UP_S
    while time.perf_counter() < until:
        next(packets)
    results, drawn = _counters(run)
    began_s, count = time.perf_counter(), 0
    while time.perf_counter() < began_s + seconds:
        next(packets)
        count += 1
    spent_s = time.perf_counter() - began_s
    results, drawn = (
        now - then for now, then in zip(_counters(run), (results, drawn), strict=True)
    )
    return count / spent_s, results / drawn


def _counters(run: Path) -> tuple[int, int]:
    """Numbers of the newest result and of the newest drawn frame."""
    result = device.first(run, *device.results(), kind=Result)
    return result.seq, device.first(run, OVERLAID.of(camera=device.CAMERA), kind=Frame).seq


def plain_loop(clip: Path, model: Path, seconds: float) -> float:
    command = module("benchmarks.plain_loop", str(clip), str(model), str(seconds))
    return float(subprocess.check_output(command, cwd=ROOT, text=True))
