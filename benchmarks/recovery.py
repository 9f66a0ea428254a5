"""`kill -9` of inference, again and again: until its next result, and what others missed."""

import os
import signal
import statistics
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
import zmq

from benchmarks import data, device
from benchmarks.processes import run_dir
from benchmarks.table import Missing, Row
from bus.messages import Frame, Result
from bus.topics import FRAMES, OVERLAID, split

CAMERA = {"source": "scene:", "width": 1280, "height": 720, "fps": 30}
BAR_S = 1.5
BETWEEN_S = 1.0
GIVE_UP_S = 20.0

RESULTS = device.results()
WATCHED = (FRAMES.of(camera=device.CAMERA), OVERLAID.of(camera=device.CAMERA))


class Outcome(NamedTuple):
    back_s: list[float]
    missed: dict[str, int]  # frames, by topic


def measure(*, quick: bool) -> list[Row]:
    outcome = kills(data.network(data.FAST), 5 if quick else 20)
    p50_s, worst_s = statistics.median(outcome.back_s), max(outcome.back_s)
    count = len(outcome.back_s)
    missed = sum(outcome.missed.values())
    return [
        Row(
            f"kill -9 of inference to the next result, p50 of {count}",
            f"{p50_s:.2f} s (worst {worst_s:.2f} s)",
            bar=f"<= {BAR_S} s",
            met=p50_s <= BAR_S,
        ),
        Row(
            f"frames missed on raw and overlay in {count} kills",
            ", ".join(f"{number} on {topic}" for topic, number in outcome.missed.items()),
            bar="0",
            met=missed == 0,
        ),
    ]


def kills(model: Path, count: int) -> Outcome:
    with run_dir() as run:
        device.write_config(run, CAMERA, model, rtsp={"port": device.free_port()})
        with device.whole(run), zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
            device.first(run, *RESULTS, kind=Result)
            device.first(run, WATCHED[1], kind=Frame)
            subscriber.set_hwm(0)
            device.connect(subscriber, run, *WATCHED, *RESULTS)
            witness = Witness(subscriber)
            witness.watch(BETWEEN_S)
            back_s = []
            for _ in range(count):
                killed_ns = time.monotonic_ns()
                os.kill(device.holder(run), signal.SIGKILL)
                back_s.append(witness.until_result(killed_ns))
                witness.watch(BETWEEN_S)
    return Outcome(back_s, witness.missed)


class Witness:
    """Counts gaps on the watched topics while it waits."""

    def __init__(self, subscriber: zmq.Socket[bytes]) -> None:
        self._subscriber = subscriber
        self._last: dict[str, int] = {}
        self.missed = {topic.name: 0 for topic in WATCHED}

    def watch(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self._next()

    def until_result(self, after_ns: int) -> float:
        """Seconds until a result of a frame captured after the kill."""
        while time.monotonic_ns() < after_ns + GIVE_UP_S * 1e9:
            name, wire = self._next()
            if name != RESULTS[0].name:
                continue
            if msgspec.msgpack.decode(wire, type=Result).captured_ns > after_ns:
                return (time.monotonic_ns() - after_ns) / 1e9
        raise Missing(f"inference was not back within {GIVE_UP_S:.0f} s")

    def _next(self) -> tuple[str, bytes]:
        if not self._subscriber.poll(5000):
            raise Missing("nothing at all came for 5 s")
        name, wire = split(self._subscriber.recv())
        if name in self.missed:
            seq = msgspec.msgpack.decode(wire, type=Frame).seq
            self.missed[name] += abs(seq - self._last.get(name, seq - 1) - 1)
            self._last[name] = seq
        return name, wire
