"""IoT Hub, IoT Edge's hub and the provisioning service as a device meets them: over MQTT.

A real broker at the one port that devices know, and beside it a client that keeps the twin, calls
methods and answers, as "Communicate with an IoT hub using the MQTT protocol" describes it.
"""

import copy
import fcntl
import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from paho.mqtt import client as paho

from tests.actors.models.web import Authority
from tests.actors.telemetry.sinks.mosquitto import HOST, OPEN, Mosquitto
from tests.actors.telemetry.sinks.rig import DEADLINE_S

ADDRESS = "127.7.7.7"  # at port 8883, which Azure's client does not let one choose
DEVICE, MODULE = "yard", "azureeyemodule"
KEY = "c2VjcmV0IG9mIHRoZSB5YXJk"  # looked for wherever it must not be
SYSTEM = {"$.mid": "message_id", "$.ct": "content_type", "$.ce": "encoding", "$.on": "output"}

Document = dict[str, Any]


class Came(NamedTuple):
    """A message from the device. `system` has what the hub itself knows of, by readable names."""

    sender: str  # "yard", or "yard/azureeyemodule"
    body: bytes
    system: dict[str, str]
    properties: dict[str, str]

    @property
    def word(self) -> Any:
        return json.loads(self.body)["word"]


class Hub:
    """One device's hub. What it remembers outlives its broker, which may be stopped and started."""

    def __init__(self, folder: Path, *settings: str) -> None:
        """`settings` are lines of the device's listener; without any it is open to all."""
        self.authority = Authority(folder)
        pem = self.authority.issue(ADDRESS).path
        tls = f"cafile {self.authority.path}", f"certfile {pem}", f"keyfile {pem}"
        listener = f"listener 8883 {ADDRESS}", *tls, *(settings or OPEN)
        self.broker = Mosquitto(folder, ("per_listener_settings true", *OPEN, *listener))
        self.deadline_s: float = DEADLINE_S  # of whatever is waited for
        self.letters: list[Came] = []
        self.desired: Document = {"$version": 1}
        self.asked: list[str] = []  # topics of all requests of the device
        self.mute = False  # the twin is not given
        self.refuse_reports = 0  # a status: reported properties are answered with it
        self.polls = 0  # how often the provisioning service lets itself be asked
        self.refuse_registrations = 0  # a status
        self.registration = "assigned"  # what becomes of one
        self.assigned_hub = ADDRESS
        self.before_twin: Callable[[], object] = lambda: None  # done when it is asked for
        self._reported: Document = {"$version": 1}
        self._answers: dict[str, tuple[int, Any]] = {}
        self._calls = 0
        self._changed = threading.Condition()
        self._attend()

    def stop(self) -> None:
        """It is away; what it confirmed before is in `letters`."""
        self.broker.kill()
        assert self._gone.wait(DEADLINE_S)
        self._client.loop_stop()

    def start(self) -> None:
        self.broker.start()
        self._attend()

    def throw_out(self, client_id: str = f"{DEVICE}/{MODULE}") -> None:
        """Be the device for a moment: whoever was it loses the connection."""
        done = threading.Event()
        other = paho.Client(client_id, clean_session=False, reconnect_on_failure=False)
        other.on_connect = lambda *_: done.set()
        other.connect(HOST, self.broker.port)
        other.loop_start()
        assert done.wait(DEADLINE_S)
        other.disconnect()
        other.loop_stop()

    @property
    def connection(self) -> str:
        """Of the module, by way of this hub."""
        return f"{self.device_connection};ModuleId={MODULE}"

    @property
    def device_connection(self) -> str:
        place = f"HostName=hub.example;GatewayHostName={ADDRESS}"
        return f"{place};DeviceId={DEVICE};SharedAccessKey={KEY}"

    @property
    def environment(self) -> dict[str, str]:
        """What a module finds around it that is tried on somebody's desk."""
        return {
            "EdgeHubConnectionString": self.connection,
            "EdgeModuleCACertificateFile": str(self.authority.path),
        }

    def patch(self, desired: Document) -> int:
        """Change desired properties, as a service does; their new version."""
        with self._changed:
            merge(self.desired, desired)
            self.desired["$version"] += 1
            version = self.desired["$version"]
        body = {**desired, "$version": version}
        self.publish(f"$iothub/twin/PATCH/properties/desired/?$version={version}", body)
        return int(version)

    def call(self, method: str, payload: Any = None) -> tuple[int, Any]:
        """Status and payload of the device's answer."""
        request = self.begin_call(method, payload)
        self.until(lambda: request in self._answers)
        return self.answer(request)

    def begin_call(self, method: str, payload: Any = None) -> str:
        """The request's id, for `answered` and `answer`."""
        with self._changed:
            self._calls += 1
            request = f"{self._calls:x}"
        self.publish(f"$iothub/methods/POST/{quote(method, safe='')}/?$rid={request}", payload)
        return request

    def answered(self, request: str) -> bool:
        return request in self._answers

    def answer(self, request: str) -> tuple[int, Any]:
        return self._answers.pop(request)

    def number_calls_anew(self) -> None:
        """As after a connection: a request's id may come again."""
        self._calls = 0

    def send(self, name: str, body: Any, **properties: str) -> None:
        """A message to one of the module's inputs; `body` as JSON unless it is bytes."""
        encoded = "&".join(
            f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in properties.items()
        )
        self.publish(
            f"devices/{DEVICE}/modules/{MODULE}/inputs/{quote(name, safe='')}/{encoded}", body
        )

    def reported(self, is_so: Callable[[Document], bool] = bool) -> Document:
        """The reported properties once it is so of them."""
        self.until(lambda: is_so(self._reported))
        with self._changed:
            return copy.deepcopy(self._reported)

    def until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, self.deadline_s), (self.asked, self._reported)

    def until_asked(self, topic: str, times: int = 1) -> None:
        """Until the device has published so often to topics that begin so."""
        self.until(lambda: sum(each.startswith(topic) for each in self.asked) >= times)

    def words(self) -> list[Any]:
        """Of the letters, each once, in the order of their first coming."""
        return list(dict.fromkeys(letter.word for letter in self.letters))

    def _attend(self) -> None:
        """Returns when the device may ask."""
        subscribed, self._gone = threading.Event(), threading.Event()
        self._client = paho.Client(reconnect_on_failure=False)
        self._client.on_disconnect = lambda *_, gone=self._gone: gone.set()
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect(HOST, self.broker.port)
        # QoS 0: the broker passes a message on before it confirms it
        self._client.subscribe([("devices/#", 0), ("$iothub/#", 0), ("$dps/#", 0)])
        self._client.loop_start()
        assert subscribed.wait(DEADLINE_S)

    def publish(self, topic: str, body: Any) -> None:
        # QoS 0: a device that is away gets nothing of it later
        self._client.publish(topic, body if isinstance(body, bytes) else json.dumps(body))

    def _on_message(self, _client: paho.Client, _: object, message: paho.MQTTMessage) -> None:
        with self._changed:
            self._take(message.topic, bytes(message.payload))
            self._changed.notify_all()

    def _take(self, topic: str, body: bytes) -> None:
        path, _, query = topic.partition("/?")
        asked = dict(parse_qsl(query))
        match path.split("/"):
            case ["devices", *sender, "messages", "events", properties]:
                self.letters.append(_letter(sender, properties, body))
                return
            case ["$iothub", "twin", "GET"]:
                twin = copy.deepcopy({"desired": self.desired, "reported": self._reported})
                self.before_twin()
                if not self.mute:
                    self.publish(f"$iothub/twin/res/200/?$rid={asked['$rid']}", twin)
            case ["$iothub", "twin", "PATCH", "properties", "reported"]:
                self._report(asked["$rid"], json.loads(body))
            case ["$iothub", "methods", "res", status]:
                self._answers[asked["$rid"]] = int(status), json.loads(body)
            case ["$dps", "registrations", ("PUT" | "GET"), _]:
                self._register(asked["$rid"], json.loads(body.strip() or b"{}"))
            case _:  # our own
                return
        self.asked.append(topic)

    def _report(self, request: str, patch: Document) -> None:
        if self.refuse_reports:
            refusal = {"message": "as the test wishes"}
            self.publish(f"$iothub/twin/res/{self.refuse_reports}/?$rid={request}", refusal)
            return
        merge(self._reported, patch)
        self._reported["$version"] += 1
        version = self._reported["$version"]
        self.publish(f"$iothub/twin/res/204/?$rid={request}&$version={version}", b"")

    def _register(self, request: str, wish: Document) -> None:
        said: Document = {"operationId": "4.operation", "status": "assigning"}
        status = 202
        if self.refuse_registrations:
            status, said = self.refuse_registrations, {"errorCode": 1, "message": "as wished"}
        elif self.polls:
            self.polls -= 1
        else:
            device = {"assignedHub": self.assigned_hub, "deviceId": DEVICE, **wish}
            status, said = 200, {"status": self.registration, "registrationState": device}
        self.publish(f"$dps/registrations/res/{status}/?$rid={request}&retry-after=1", said)


def merge(document: Document, patch: Document) -> None:
    """As twins are: what is not named stays, null removes."""
    for key, value in patch.items():
        if value is None:
            document.pop(key, None)
        elif isinstance(value, dict) and isinstance(document.get(key), dict):
            merge(document[key], value)
        else:
            document[key] = copy.deepcopy(value)


def _letter(sender: list[str], properties: str, body: bytes) -> Came:
    pairs = dict(pair.partition("=")[::2] for pair in properties.split("&") if pair)
    said = {unquote(key): unquote(value) for key, value in pairs.items()}
    system = {SYSTEM[key]: value for key, value in said.items() if key in SYSTEM}
    own = {key: value for key, value in said.items() if key not in SYSTEM}
    return Came("/".join(part for part in sender if part != "modules"), body, system, own)


@contextmanager
def the_address() -> Iterator[None]:
    """For one at a time on this machine, as there is one port: another test waits for its turn."""
    with (Path(tempfile.gettempdir()) / "retinue-tests-hub.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@contextmanager
def hub_in(folder: Path, *settings: str) -> Iterator[Hub]:
    with the_address():
        hub = Hub(folder, *settings)
        try:
            yield hub
        finally:
            hub.stop()
