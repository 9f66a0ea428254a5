"""Whether what was accepted arrives: numbered letters through kills, cuts, full disks and a broker
that stops.

Between the sender and a real broker lies a line that is cut at random; the receiver is a client
with a session of its own, so that what the broker has confirmed is not lost behind it.
"""

import json
import random
import subprocess
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from benchmarks.cuts import CutLine
from benchmarks.device import free_port
from benchmarks.mosquitto import Mosquitto
from benchmarks.processes import ROOT, module
from benchmarks.table import Row

LETTERS, QUICK_LETTERS = 100_000, 10_000
LONGEST_S = 420.0
FEWEST_S, MOST_S = 0.2, 0.8  # between two misfortunes
STOPPED_S = 0.5


class Receiver:
    """Counts what comes. Its session outlives its connections and the broker's stops."""

    def __init__(self, port: int) -> None:
        self.came: Counter[int] = Counter()
        self.out_of_order = 0
        self._newest: dict[tuple[str, str], int] = defaultdict(int)  # by topic and lane
        self._lock, self._port = threading.Lock(), port
        self._client = paho.Client("receiver", protocol=paho.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("retinue/#", 1)
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        kept = Properties(PacketTypes.CONNECT)
        kept.SessionExpiryInterval = 3600
        self._client.connect("127.0.0.1", port, clean_start=False, properties=kept)
        self._client.loop_start()

    @property
    def distinct(self) -> int:
        return len(self.came)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if not message.topic.startswith(("retinue/results", "retinue/health")):
            return
        said: Any = message.properties
        known = dict(said.UserProperty)
        number, lane = int(known["number"]), (message.topic, known["late"])
        word = json.loads(message.payload)["n"]
        with self._lock:
            if word not in self.came and number < self._newest[lane]:
                self.out_of_order += 1
            self._newest[lane] = max(number, self._newest[lane])
            self.came[word] += 1


def measure(*, quick: bool) -> list[Row]:
    letters = QUICK_LETTERS if quick else LETTERS
    dice, happened = random.Random(1), Counter[str]()  # noqa: S311 no secret
    with tempfile.TemporaryDirectory() as name, broker(Path(name)) as mosquitto:
        folder, receiver = Path(name), Receiver(mosquitto.port)
        with CutLine(mosquitto.port) as line:
            end_s = time.monotonic() + LONGEST_S
            sender = start(folder, line.port, letters, full=False)
            while receiver.distinct < letters and time.monotonic() < end_s:
                time.sleep(dice.uniform(FEWEST_S, MOST_S))
                what = dice.choice(["kill", "kill", "cut", "cut", "stop", "full"])
                if what == "cut":
                    line.cut()
                elif what == "stop":
                    mosquitto.stop()
                    time.sleep(STOPPED_S)
                    mosquitto.start()
                else:
                    sender.kill()
                    sender.wait()
                    sender = start(folder, line.port, letters, full=what == "full")
                happened[what] += 1
            sender.kill()
            sender.wait()
        receiver.close()
    return rows(letters, receiver, happened)


def rows(letters: int, receiver: Receiver, happened: Counter[str]) -> list[Row]:
    twice = sum(receiver.came.values()) - receiver.distinct
    lost = letters - receiver.distinct
    what = ", ".join(
        f"{happened[kind]} {title}"
        for kind, title in (
            ("kill", "kills"), ("full", "kills with a full disk after"), ("cut", "cuts"),
            ("stop", "broker stops"),
        )
    )  # fmt: skip
    title = f"{letters:,} letters through {what}"
    return [
        Row(f"{title}: lost", f"{lost} ({twice} came twice)", bar="0", met=lost == 0),
        Row(f"{title}: out of order", f"{receiver.out_of_order}", bar="0",
            met=receiver.out_of_order == 0),
    ]  # fmt: skip


@contextmanager
def broker(folder: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(folder, free_port())
    try:
        mosquitto.start()
        yield mosquitto
    finally:
        mosquitto.stop()


def start(folder: Path, port: int, letters: int, *, full: bool) -> "subprocess.Popen[bytes]":
    command = module("benchmarks.sender", str(folder), str(port), str(letters), str(int(full)))
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
