"""The sink `mqtt`: each letter to a topic of its own, confirmed when the broker has it (QoS 1).

With MQTT 5 a letter's numbers are properties of its message, with 3.1.1 they are around its body.
paho-mqtt's network thread does the talking; it tells by queues, and never connects again itself.
"""

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCodes

from actors.backoff import SECOND_NS
from actors.clock import monotonic_ns
from actors.telemetry.letter import Posted
from actors.telemetry.sinks.broker import Broker, tls_context
from actors.telemetry.sinks.envelope import envelope
from actors.telemetry.sinks.retained import Retained
from actors.telemetry.sinks.secret import read_secret
from actors.telemetry.sinks.sink import Down, Link, Turn

log = logging.getLogger(__name__)

ONLINE, OFFLINE = b"online", b"offline"
REFUSED = 0x80  # reason codes from here on, MQTT 5 section 2.4
LEAVE_S = 1.0
LARGEST_PACKET = 268_435_455  # bytes, where the broker names no bound: MQTT 5 section 2.1.4
REST_BYTES = 400  # of a packet, beside topic and body: its header and properties


class Mqtt:
    """Makes connections to one broker; `greetings` are kept there, by topic, from each on."""

    def __init__(self, broker: Broker, greetings: dict[str, bytes] | None = None) -> None:
        self._broker, self._greetings = broker, greetings or {}
        self._retained = Retained()

    def connect(self, wake: Callable[[], None]) -> Link:
        """Raises `Down`; that the broker agrees turns up later."""
        session = Session(self._broker, wake)
        try:
            session.begin()
        except Down:
            session.end()
            raise
        return MqttLink(self._broker, session, self._greetings, self._retained)


class Session:
    """paho's client for one connection; what its thread learns is here for ours."""

    def __init__(self, broker: Broker, wake: Callable[[], None]) -> None:
        self._broker, self._wake = broker, wake
        self.is_5 = broker.version == "5"
        self.connected = threading.Event()
        self.fault = ""
        self.most_under_way, self.most_bytes = broker.window, LARGEST_PACKET
        self._answers: SimpleQueue[tuple[int, int]] = SimpleQueue()  # message and reason code
        self._ended = threading.Event()
        self._client = paho.Client(
            broker.client_id,
            protocol=paho.MQTTv5 if self.is_5 else paho.MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish

    def begin(self) -> None:
        """Connect, and leave the rest to a thread. Raises `Down`."""
        broker, client = self._broker, self._client
        client.will_set(broker.status_topic, OFFLINE, qos=1, retain=True)
        if broker.user or broker.password:
            secret = read_secret("password", broker.password) if broker.password else None
            client.username_pw_set(broker.user, secret)
        if broker.tls:
            client.tls_set_context(tls_context(broker.tls))
        try:
            client.connect(broker.host, broker.the_port, keepalive=broker.keep_alive_s)
        except OSError as error:
            raise Down(f"{broker.shown}: {_said(error)}") from None
        client.loop_start()

    def publish(
        self, topic: str, body: bytes, *, retain: bool, posted: Posted | None = None
    ) -> int:
        """The message's number, which turns up in `answers`."""
        properties = _properties(posted) if self.is_5 and posted else None
        return int(self._client.publish(topic, body, 1, retain, properties).mid)

    def answers(self) -> list[tuple[int, int]]:
        """What the broker said since it was last asked, as message and reason code."""
        came = []
        with suppress(Empty):
            while True:
                came.append(self._answers.get_nowait())
        return came

    def end(self) -> None:
        """Say goodbye if somebody listens; hang up if not."""
        if self.connected.is_set() and not self._ended.is_set():
            self._client.publish(self._broker.status_topic, OFFLINE, qos=1, retain=True)
        self._client.disconnect()
        if self.connected.is_set():
            self._ended.wait(LEAVE_S)
        line = self._client.socket()
        if isinstance(line, socket.socket):
            with suppress(OSError):  # it has ended by itself meanwhile
                line.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def _on_connect(
        self,
        client: paho.Client,
        _userdata: object,
        _flags: dict[str, Any],
        reason: ReasonCodes | int,
        properties: Properties | None = None,
    ) -> None:
        if isinstance(reason, int) and reason:
            self._lose(f"refused: {_refusal(reason)}")
        elif isinstance(reason, ReasonCodes) and reason.value >= REFUSED:
            self._lose(f"refused: {reason.getName()}")
        else:
            # a broker that says nothing takes as many as there are numbers
            theirs = int(getattr(properties, "ReceiveMaximum", 65535))
            self.most_under_way = min(self.most_under_way, theirs)
            self.most_bytes = int(getattr(properties, "MaximumPacketSize", LARGEST_PACKET))
            client.max_inflight_messages_set(theirs)
            self.connected.set()
            self._wake()

    def _on_disconnect(
        self,
        _client: paho.Client,
        _userdata: object,
        reason: ReasonCodes | int,
        _properties: Properties | None = None,
    ) -> None:
        if isinstance(reason, ReasonCodes):
            self._lose(f"the broker ended it: {reason.getName()}")
        elif self.connected.is_set():
            self._lose("the connection was lost")
        else:
            asked = self._broker.tls is not None and not self._broker.tls.certificate_file
            self._lose(f"hung up before it answered{'; a certificate_file?' if asked else ''}")
        self._ended.set()

    def _on_publish(self, client: paho.Client, _userdata: object, message: int) -> None:
        packet = client._in_packet["packet"]  # type: ignore[attr-defined]  # noqa: SLF001 paho 1.6 keeps the reason to itself
        self._answers.put((message, packet[2] if self.is_5 and len(packet) > 2 else 0))  # noqa: PLR2004 after the number
        if self._answers.qsize() * 2 >= self.most_under_way:  # else the next turn has several
            self._wake()

    def _lose(self, why: str) -> None:
        """The first reason is the cause."""
        self.fault = self.fault or f"{self._broker.shown}: {why}"
        self._wake()


class MqttLink:
    """One connection; only the sink's thread calls it."""

    def __init__(
        self, broker: Broker, session: Session, greetings: dict[str, bytes], retained: Retained
    ) -> None:
        self._broker, self._session = broker, session
        self._greetings, self._retained = greetings, retained
        self._begun_ns, self._greeted, self._fault = monotonic_ns(), False, ""
        self._under_way: dict[int, tuple[Posted, int]] = {}  # by message, and since when
        self._left_out: list[int] = []

    def turn(self) -> Turn:
        up = self._session.connected.is_set()
        if up and not self._greeted:
            self._greet()
        fault = self._fault or self._session.fault or self._silence(monotonic_ns(), up=up)
        confirmed = self._confirmed()  # after the fault: nothing comes after that
        if fault and not confirmed:
            raise Down(fault)
        room = self._session.most_under_way - len(self._under_way) if up and not fault else 0
        return Turn(up, room, confirmed)

    def send(self, letters: Sequence[Posted]) -> None:
        for each in letters:
            topic = f"{self._broker.prefix}/{each.letter.topic}"
            body = each.letter.body if self._session.is_5 else envelope(each)
            if len(body) + len(topic) + REST_BYTES > self._session.most_bytes:
                self._leave_out(each)
                continue
            retain = self._retained.keeps(each)
            message = self._session.publish(topic, body, retain=retain, posted=each)
            self._under_way[message] = each, monotonic_ns()

    def close(self) -> None:
        self._session.end()

    def _leave_out(self, posted: Posted) -> None:
        """To send it would only lose the connection, again and again."""
        letter = posted.letter
        log.warning(
            "%s: %s number %d has %d bytes, more than the broker takes: it is left out",
            *(self._broker.shown, letter.topic, posted.number, len(letter.body)),
        )
        self._left_out.append(posted.id)

    def _greet(self) -> None:
        self._greeted = True
        for topic, body in {**self._greetings, self._broker.status_topic: ONLINE}.items():
            self._session.publish(topic, body, retain=True)

    def _confirmed(self) -> list[int]:
        ids, self._left_out = self._left_out, []
        for message, reason in self._session.answers():
            posted, _ = self._under_way.pop(message, (None, 0))
            name = ReasonCodes(PacketTypes.PUBACK, identifier=reason).getName()
            if reason < REFUSED:
                ids += [posted.id] if posted else []
            elif posted:
                self._fault = (
                    f"{self._broker.shown}: refused {posted.letter.topic}: {name}; allow user "
                    f"{self._broker.user!r} to publish to {self._broker.prefix}/#"
                )
            else:
                log.warning("%s: refused what tells others of us: %s", self._broker.shown, name)
        return ids

    def _silence(self, now_ns: int, *, up: bool) -> str:
        oldest_ns = next((since_ns for _, since_ns in self._under_way.values()), now_ns)
        waited_ns = now_ns - (oldest_ns if up else self._begun_ns)
        if waited_ns <= self._broker.answer_s * SECOND_NS:
            return ""
        return f"{self._broker.shown}: no answer for {self._broker.answer_s:g} s"


def _properties(posted: Posted) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)
    properties.PayloadFormatIndicator = 1  # text in UTF-8
    properties.ContentType = posted.letter.content_type
    properties.UserProperty = [
        ("number", str(posted.number)),
        ("late", "true" if posted.late else "false"),
        ("schema", posted.letter.schema),
        ("created_utc_ns", str(posted.letter.created_utc_ns)),
    ]
    return properties


def _refusal(reason: int) -> str:
    return paho.connack_string(reason).removeprefix("Connection Refused: ").rstrip(".")


def _said(error: OSError) -> str:
    """Without the address, which is said before it."""
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    return str(reason or error.strerror or "no answer")
