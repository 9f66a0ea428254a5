"""The sinks `iothub` and `iotedge`: letters as messages to Azure, confirmed when it has them.

One connection is also the device's line to its cloud: twin, direct methods and input messages go
through an `Exchange`. What Azure's client tells in threads of its own is done in the sink's.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue

from azure.iot.device.iothub.models import Message

from actors.backoff import SECOND_NS
from actors.clock import monotonic_ns
from actors.telemetry.cloud.exchange import Exchange
from actors.telemetry.letter import Posted
from actors.telemetry.sinks.iot_client import Client, check_reach, client_of, leave
from actors.telemetry.sinks.iot_identity import Account, Identity
from actors.telemetry.sinks.iot_line import Line
from actors.telemetry.sinks.iot_provisioning import registered
from actors.telemetry.sinks.iot_words import words
from actors.telemetry.sinks.sink import Down, Link, Turn

log = logging.getLogger(__name__)

OUTPUT = "AzureEyeModuleOutput"  # Percept's, which deployments route by name
MOST_BYTES = 256 * 1024 - 4096  # of a letter: what a hub takes, less room for properties
FORBIDDEN = str.maketrans("/", ":")  # in a message's id


class Iot:
    """Makes connections to one hub; `exchange` is for the one that is the line to the cloud."""

    def __init__(self, identity: Identity, exchange: Exchange | None = None) -> None:
        self._identity, self._exchange = identity, exchange
        self._account: Account | None = None  # what was provisioned
        self._last: IotLink | None = None
        self._connections = 0

    def connect(self, wake: Callable[[], None]) -> Link:
        """Raises `Down`; that the hub agrees turns up later."""
        if self._last and not self._last.up:
            self._account = None  # it may be at another hub now
        self._last = None
        if self._identity.is_provisioned and not self._account:
            self._account = registered(self._identity)
        client = client_of(self._identity, self._account)
        self._connections += 1
        inbox = Inbox(wake)
        line = None
        if self._exchange:
            line = Line(client, self._exchange, inbox.later, str(self._connections))
            self._exchange.on_said(wake)
        self._last = IotLink(client, self._identity, inbox, line)
        try:
            self._last.begin()
        except Down:
            self._last.close()
            raise
        return self._last


class Inbox:
    """What threads of the library tell, kept for the sink's own."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def later(self, act: Callable[..., None]) -> Callable[..., None]:
        """What to give to the library in the place of `act`."""

        def tell(*args: object, **kwargs: object) -> None:
            self._waiting.put(partial(act, *args, **kwargs))
            self._wake()

        return tell

    def work(self) -> None:
        """Do all that was told, in its order."""
        while True:
            try:
                act = self._waiting.get_nowait()
            except Empty:
                return
            act()


class IotLink:
    """One connection; only the sink's thread calls it."""

    def __init__(self, client: Client, identity: Identity, inbox: Inbox, line: Line | None) -> None:
        self._client, self._pipeline = client, client.pipeline
        self._identity, self._inbox, self._line = identity, inbox, line
        self.up = False
        self._begun_ns = monotonic_ns()
        self._fault = ""
        self._under_way: dict[int, int] = {}  # by the letter's id, since when
        self._confirmed: list[int] = []

    def begin(self) -> None:
        """Raises `Down`."""
        to = self._pipeline.pipeline_configuration
        host = to.gateway_hostname or to.hostname
        check_reach(self._client.shown, host, to.server_verification_cert, to.x509)
        self._pipeline.on_background_exception = self._inbox.later(self._on_trouble)
        self._pipeline.connect(callback=self._inbox.later(self._on_connect))

    def turn(self) -> Turn:
        self._inbox.work()
        if self.up and self._line:
            self._line.speak()
        fault = self._fault or (self._line and self._line.fault) or self._silence(monotonic_ns())
        confirmed, self._confirmed = self._confirmed, []
        if fault and not confirmed:
            raise Down(f"{self._client.shown}: {fault}")
        room = self._identity.window - len(self._under_way) if self.up and not fault else 0
        return Turn(self.up, room, confirmed)

    def send(self, letters: Sequence[Posted]) -> None:
        send = self._pipeline.send_message
        if self._client.is_module:
            send = self._pipeline.send_output_message
        for each in letters:
            if len(each.letter.body) > MOST_BYTES:
                log.warning(
                    "%s: %s number %d has %d bytes, more than a hub takes: it is left out",
                    *(self._client.shown, each.letter.topic, each.number, len(each.letter.body)),
                )
                self._confirmed.append(each.id)
                continue
            self._under_way[each.id] = monotonic_ns()
            done = self._inbox.later(partial(self._on_sent, each.id))
            send(message_of(each, output=self._client.is_module), callback=done)

    def close(self) -> None:
        leave(self._pipeline.shutdown)

    def _on_connect(self, error: Exception | None = None) -> None:
        if error:
            self._lose(words(error))
            return
        self.up = True
        if self._line:
            self._line.open()

    def _on_sent(self, letter: int, error: Exception | None = None) -> None:
        self._under_way.pop(letter)
        if error:
            self._lose(words(error))
        else:
            self._confirmed.append(letter)

    def _on_trouble(self, error: Exception) -> None:
        """A lost connection, or something that the library could not make sense of."""
        if self._pipeline.connected:
            log.warning("%s: %s", self._client.shown, words(error))
        else:
            self._lose(words(error))

    def _lose(self, why: str) -> None:
        """The first reason is the cause."""
        self._fault = self._fault or why

    def _silence(self, now_ns: int) -> str:
        ready = self.up and (not self._line or self._line.ready)
        since_ns = min(self._under_way.values(), default=now_ns) if ready else self._begun_ns
        if now_ns - since_ns <= self._identity.answer_s * SECOND_NS:
            return ""
        return f"no answer for {self._identity.answer_s:g} s"


def message_of(posted: Posted, *, output: bool) -> Message:
    """A receiver drops duplicates by its id."""
    letter = posted.letter
    message = Message(
        letter.body,
        message_id=f"{letter.topic.translate(FORBIDDEN)}-{posted.number}",
        content_encoding="utf-8",
        content_type=letter.content_type,
        output_name=OUTPUT if output else None,
    )
    message.custom_properties = {
        "topic": letter.topic,
        "number": str(posted.number),
        "late": "true" if posted.late else "false",
        "schema": letter.schema,
        "created_utc_ns": str(letter.created_utc_ns),
    }
    return message
