"""What telemetry costs as a process: CPU time while results come, to a file and to a broker."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import device
from benchmarks.processes import run_dir
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Missing, Row
from bus.messages import Box, FrameRef, Result
from bus.sockets import ZmqBus
from bus.topics import RESULTS

RESULTS_HZ = 30
MOST_OF_A_CORE = 0.03
BOXES = [Box("person", 0.8125, 0.1 * n, 0.2, 0.1 * n + 0.08, 0.6) for n in range(5)]
SETTLE_S = 3.0  # for imports and the first connections
BROKER_S = 5.0
NS = 10**9


def measure(*, quick: bool) -> list[Row]:
    """The bar is for the dearest: each result goes out, in one of the two schemas."""
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
    return rows


def row(what: str, seconds: float, rules: device.Section, sink: str) -> Row:
    share = cost(seconds, rules, sink)
    return Row(
        f"telemetry, {RESULTS_HZ} results a second, {what}",
        f"{100 * share:.2f} % of a core",
        bar=f"<= {100 * MOST_OF_A_CORE:g} %",
        met=share <= MOST_OF_A_CORE,
    )


def cost(seconds: float, rules: device.Section, sink: str) -> float:
    """Share of one core that the actor takes."""
    with run_dir() as run:
        file = device.write_config(run, {}, device.BUILT_IN, telemetry=rules)
        file.write_text(file.read_text() + sink)
        with (
            ZmqBus(f"inference-{device.ENTRY}-a", run) as bus,
            device.actor(run, "telemetry") as it,
        ):
            publish(bus, SETTLE_S)
            began_ns = cpu_ns(it)
            publish(bus, seconds)
            return (cpu_ns(it) - began_ns) / (seconds * NS)


def publish(bus: ZmqBus, seconds: float) -> None:
    topic = RESULTS.of(camera=device.CAMERA, inference=device.ENTRY, post="a")
    began_ns = time.monotonic_ns()
    for count in range(round(seconds * RESULTS_HZ)):
        now_ns = time.monotonic_ns()
        result = Result(
            camera=device.CAMERA,
            frame_seq=count,
            captured_ns=now_ns,
            captured_utc_ns=time.time_ns(),
            ref=FrameRef(f"camera-{device.CAMERA}", 1, 0, count),
            inference=device.ENTRY,
            model="street",
            version="1",
            family="ssd",
            device="CPU",
            width=1280,
            height=720,
            boxes=BOXES,
        )
        bus.send(topic, result)
        due_ns = began_ns + (count + 1) * NS // RESULTS_HZ
        time.sleep(max(0, due_ns - time.monotonic_ns()) / NS)


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
