"""A real broker of a test's own, and somebody who listens to it."""

import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.actors.telemetry.sinks.rig import DEADLINE_S
from tests.programs import program

HOST = "127.0.0.1"
OPEN = ("allow_anonymous true",)
ALWAYS = ("user root", "persistence false", "log_type all", "log_dest stderr")


class Mosquitto:
    """Keeps its port when it is started again. `settings` are lines of its configuration."""

    def __init__(self, folder: Path, settings: Iterable[str] = OPEN) -> None:
        with socket.create_server((HOST, 0)) as free:
            self.port: int = free.getsockname()[1]
        self._command = (program("mosquitto"), "-c", str(folder / "mosquitto.conf"))
        lines = (f"listener {self.port} {HOST}", *ALWAYS, *settings)
        (folder / "mosquitto.conf").write_text("\n".join(lines))
        self.log: list[str] = []
        self.start()

    def start(self) -> None:
        """Returns when it listens."""
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        self._running = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._process,))
        self._reader.start()
        assert self._running.wait(DEADLINE_S), self.log
        assert self._process.poll() is None, self.log

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self, number: int = signal.SIGTERM) -> None:
        self._process.send_signal(number)
        self._process.send_signal(signal.SIGCONT)
        self._process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr
        with process.stderr as lines:
            for line in lines:
                self.log.append(line)
                if line.rstrip().endswith("running"):
                    self._running.set()
        self._running.set()


class Heard(NamedTuple):
    """A message as it came."""

    topic: str
    body: bytes
    retained: bool
    properties: dict[str, Any]


class Listener:
    """Hears everything, from when it is made; `changed` is called for each message."""

    def __init__(
        self,
        port: int,
        changed: Callable[[], None],
        *,
        context: ssl.SSLContext | None = None,
        user: tuple[str, str] | None = None,
    ) -> None:
        self.heard: list[Heard] = []
        self._changed, self._subscribed = changed, threading.Event()
        self._client = paho.Client(protocol=paho.MQTTv5, reconnect_on_failure=False)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        if context:
            self._client.tls_set_context(context)
        if user:
            self._client.username_pw_set(*user)
        self._client.connect(HOST, port)
        self._client.subscribe("#")  # QoS 0: the broker passes it on before it confirms it
        self._client.loop_start()
        assert self._subscribed.wait(DEADLINE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def below(self, topic: str) -> list[Heard]:
        return [each for each in self.heard if each.topic.startswith(topic)]

    def _on_message(self, _client: paho.Client, _: object, message: paho.MQTTMessage) -> None:
        # without properties it has not even an empty set of them
        found = getattr(message, "properties", None) or Properties(PacketTypes.PUBLISH)
        properties = {**found.json(), **dict(getattr(found, "UserProperty", []))}
        self.heard.append(Heard(message.topic, bytes(message.payload), message.retain, properties))
        self._changed()
