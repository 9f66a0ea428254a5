"""An actor's end of the bus: iterate it for messages in, call `send` for out.

Publishers bind, subscribers connect, in any order. Every message goes out over ZeroMQ; topics
that are `direct` between our own actors take the short way too.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from socket import socket
from typing import Any, Protocol, Self, TypeVar

import zmq

from bus.direct import DirectPublisher, direct_path
from bus.health import SECOND_NS, Meter
from bus.messages import DUE_MS, Frame, Message, Result, State
from bus.outlet import Outlet
from bus.resident import Resident
from bus.subscriber import LAZY_NS, Subscriber
from bus.topics import HEALTH, Topic, endpoint
from bus.wake import Wake
from bus.zeromq import HIGH_WATER_MARK

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)

MEASURED = (Frame, Result)  # whose sending ends a frame's work
BEAT_NS = SECOND_NS
FAREWELL_MS = 200  # for the last words to reach whoever listens


class Bus(Protocol):
    """All that an actor knows of the outside. `bus.testing.Script` is another."""

    def __iter__(self) -> Iterator[Message]: ...

    def send(self, topic: Topic[M], message: M) -> None:
        """Number, stamp and publish. Never waits: a full subscriber loses the message."""

    def skip(self, topic: Topic[Any]) -> None:
        """Use up a number: subscribers see a gap where this message would have been."""

    def resume(self, topic: Topic[Any], after: int) -> None:
        """Go on with the numbers of whoever published this topic before."""

    def number(self, topic: Topic[Any]) -> int:
        """The last number that was used, -1 for none."""

    def finished(self, captured_ns: int) -> None:
        """Count a frame whose work ended without a message about it."""

    def drop(self, count: int = 1) -> None:
        """Count frames that were lost, skipped or refused."""

    def report(
        self, state: State, detail: str = "", *, model: str = "", device: str = "", due_ms: int = 0
    ) -> None:
        """What Health says from now on. A changed state or detail is published at once."""


class ZmqBus:
    """The real one. Iteration ends once `stop` is readable."""

    def __init__(  # noqa: PLR0913 most have defaults
        self,
        actor: str,
        run_dir: Path,
        subscribe: Sequence[Topic[Any]] = (),
        *,
        stop: socket | None = None,
        wake: Wake | None = None,
        tick_hz: float = 1.0,
        restarts: int = 0,
        each_beat: Callable[[], object] = tuple,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`each_beat` is called about once a second, by the loop: what it does must be short."""
        self._clock_ns, self._resident, self._each_beat = clock_ns, Resident(), each_beat
        self._health = HEALTH.of(actor=actor)
        self._outlets: dict[str, Outlet] = {}
        self._inbound = Subscriber(
            run_dir, subscribe, stop=stop, wake=wake, tick_hz=tick_hz, clock_ns=clock_ns
        )
        self._pub = self._inbound.context.socket(zmq.XPUB)
        self._pub.xpub_verbose = True
        self._pub.set_hwm(HIGH_WATER_MARK)
        self._address = endpoint(run_dir, actor)
        self._pub.bind(self._address)
        self._direct = DirectPublisher(direct_path(run_dir, actor))
        self._meter = Meter(actor, os.getpid(), clock_ns(), self._inbound.losses, restarts)
        self._inbound.watch(self._pub.fileno(), self._resend)
        self._inbound.watch(self._direct.fileno(), self._tend)
        self._beat()
        self._inbound.every(BEAT_NS, self._beat, LAZY_NS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        Path(self._address.removeprefix("ipc://")).unlink(missing_ok=True)  # libzmq leaves it
        self._pub.close(linger=FAREWELL_MS)
        self._inbound.close()
        self._direct.close()
        self._resident.close()

    def __iter__(self) -> Iterator[Message]:
        yield from self._inbound
        self.report("stopping")

    def listen(self, topics: Sequence[Topic[Any]]) -> None:
        """From now on to these topics too. Who subscribed to this actor notices nothing."""
        self._inbound.listen(topics)

    def send(self, topic: Topic[M], message: M) -> None:
        outlet = self._outlets.get(topic.name) or self._open(topic)
        now_ns = self._clock_ns()
        body = outlet.body(message, now_ns)
        if topic.direct:
            self._direct.send(outlet.prefix, body)
        self._pub.send(outlet.wire(body))
        if isinstance(message, MEASURED):
            self._meter.finished(message.captured_ns, now_ns)

    def skip(self, topic: Topic[Any]) -> None:
        (self._outlets.get(topic.name) or self._open(topic)).seq += 1

    def resume(self, topic: Topic[Any], after: int) -> None:
        (self._outlets.get(topic.name) or self._open(topic)).seq = after

    def number(self, topic: Topic[Any]) -> int:
        return (self._outlets.get(topic.name) or self._open(topic)).seq

    def finished(self, captured_ns: int) -> None:
        self._meter.finished(captured_ns, self._clock_ns())

    def drop(self, count: int = 1) -> None:
        self._meter.losses.dropped += count

    def report(
        self, state: State, detail: str = "", *, model: str = "", device: str = "", due_ms: int = 0
    ) -> None:
        meter = self._meter
        before = meter.state, meter.detail, meter.model, meter.device, meter.due_ms
        meter.state, meter.detail, meter.model, meter.device = state, detail, model, device
        meter.due_ms = due_ms or DUE_MS
        if before != (state, detail, model, device, meter.due_ms):
            level = logging.WARNING if state == "degraded" else logging.INFO
            log.log(level, "%s %s", state, detail)
            self._beat()

    def _beat(self) -> Sequence[Message]:
        """From the loop itself: an actor that hangs falls silent."""
        self._each_beat()
        self.send(self._health, self._meter.health(self._clock_ns(), self._resident.bytes()))
        return self._resend()

    def _tend(self) -> Sequence[Message]:
        """Let subscribers of the short way in and out, also while nothing is sent."""
        self._direct.tend()
        return ()

    def _resend(self) -> Sequence[Message]:
        """Give whoever just subscribed the last message of each state topic it asked for.

        Also asked at each beat: sending may hear of a subscriber before its descriptor does.
        """
        while int(self._pub.get(zmq.EVENTS)) & zmq.POLLIN:
            request = self._pub.recv()
            if request[:1] != b"\x01":
                continue
            for outlet in self._outlets.values():
                if outlet.last.startswith(request[1:]):
                    self._pub.send(outlet.last)
        return ()

    def _open(self, topic: Topic[Any]) -> Outlet:
        outlet = self._outlets[topic.name] = Outlet(topic)
        return outlet
