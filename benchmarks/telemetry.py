"""What telemetry costs in a whole device: its CPU time, with a file, a broker and a hub."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.tenancy import holder_of, lock_path
from benchmarks import device
from benchmarks.processes import run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Missing, Row
from bus.messages import Result
from tests.actors.telemetry.hub import hub_in

RESULTS_HZ = 30
MOST_OF_A_CORE = 0.03
SETTLE_S = 3.0  # for imports and the first connections
BROKER_S = 5.0
EDGE = '\n[[sink]]\nname = "hub"\nkind = "iotedge"\n'
NS = 10**9


def measure(*, quick: bool) -> list[Row]:
    """The bar is for each: also for the dearest, where every result goes to a hub."""
    wait_for_quiet()
    seconds = 5.0 if quick else 20.0
    every = {"interval_ms": 0.0}
    rows = [
        row("one a second to a file", seconds, {}, ""),
        row("each to a file", seconds, every, ""),
        row("each to a file, in Percept's schema", seconds, every | {"schemas": ["percept"]}, ""),
    ]
    with broker() as port:
        sink = f'\n[[sink]]\nname = "b"\nkind = "mqtt"\nhost = "127.0.0.1"\nport = {port}\n'
        rows.append(row("each to a broker, MQTT 5", seconds, every, sink))
    with tempfile.TemporaryDirectory() as folder, hub_in(Path(folder)) as hub:
        os.environ.update(hub.environment)
        rows.append(row("one a second to a hub", seconds, {}, EDGE))
        rows.append(row("each to a hub", seconds, every, EDGE))
    return rows


def row(what: str, seconds: float, rules: device.Section, sink: str) -> Row:
    share, rate_hz = cost(seconds, rules, sink)
    return Row(
        f"telemetry, {RESULTS_HZ} results a second, {what}",
        f"{100 * share:.2f} % of a core ({rate_hz:.1f} /s)",
        bar=f"<= {100 * MOST_OF_A_CORE:g} %",
        met=share <= MOST_OF_A_CORE,
    )


def cost(seconds: float, rules: device.Section, sink: str) -> tuple[float, float]:
    """The actor's share of one core, and how many results came a second."""
    with run_dir() as run:
        port = device.free_port()
        camera = {"width": 640, "height": 360, "fps": RESULTS_HZ}
        one = {"threads": 1}
        file = device.write_config(
            run, camera, device.BUILT_IN, inference=one, rtsp={"port": port}, telemetry=rules
        )
        file.write_text(file.read_text() + sink)
        with device.whole(run):
            device.first(run, *device.results(), kind=Result)
            time.sleep(SETTLE_S)
            actor = holder_of(lock_path(run, "telemetry"))
            before, began_ns = cpu_ns(actor), time.monotonic_ns()
            first = device.first(run, *device.results(), kind=Result)
            time.sleep(seconds)
            last = device.first(run, *device.results(), kind=Result)
            spent_ns, took_ns = cpu_ns(actor) - before, time.monotonic_ns() - began_ns
            span_ns = last.published_ns - first.published_ns
            return spent_ns / took_ns, (last.seq - first.seq) * NS / span_ns


def cpu_ns(pid: int) -> int:
    """CPU time of all its threads, to the nanosecond; none of them ends meanwhile."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads)


@contextmanager
def broker() -> Iterator[int]:
    program = shutil.which("mosquitto")
    if not program:
        raise Missing("mosquitto is not installed")
    port = device.free_port()
    with subprocess.Popen([program, "-p", str(port)], stderr=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.terminate()
            process.wait(BROKER_S)
