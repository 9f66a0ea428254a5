"""An actor's end of the bus: iterate it for messages in, call `send` for out.

Each subscription has a socket of its own, so that late messages of one topic can be skipped
without touching another's. Publishers bind, subscribers connect, in any order. Every message
goes out over ZeroMQ; topics that are `direct` between our own actors take the short way too.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any, Protocol, Self, TypeVar

import msgspec
import zmq
from msgspec import msgpack

from bus.direct import DirectPublisher, DirectSubscriber, direct_path
from bus.health import SECOND_NS, Meter
from bus.inlet import MOST_WAITING, Inlet
from bus.messages import DUE_MS, Frame, Message, Result, State, Tick, Woken
from bus.topics import HEALTH, Topic, endpoint, prefix

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)
Context = zmq.Context[zmq.Socket[bytes]]

MEASURED = (Frame, Result)  # whose sending ends a frame's work
HIGH_WATER_MARK = MOST_WAITING
BEAT_NS = SECOND_NS // 2
RECONNECT_MS = 20


class Bus(Protocol):
    """All that an actor knows of the outside. `bus.testing.Script` is another."""

    def __iter__(self) -> Iterator[Message]: ...

    def send(self, topic: Topic[M], message: M) -> None:
        """Number, stamp and publish. Never waits: a full subscriber loses the message."""

    def skip(self, topic: Topic[Any]) -> None:
        """Use up a number: subscribers see a gap where this message would have been."""

    def finished(self, captured_ns: int) -> None:
        """Count a frame whose work ended without a message about it."""

    def drop(self, count: int = 1) -> None:
        """Count frames that were lost, skipped or refused."""

    def report(
        self, state: State, detail: str = "", *, model: str = "", device: str = "", due_ms: int = 0
    ) -> None:
        """What Health says from now on. A changed state or detail is published at once."""


class Wake:
    """Set by any thread, turns up in the bus's loop as `Woken`; several sets may be one."""

    def __init__(self) -> None:
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def set(self) -> None:
        os.eventfd_write(self.fd, 1)

    def clear(self) -> None:
        os.eventfd_read(self.fd)

    def close(self) -> None:
        os.close(self.fd)


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
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._actor, self._wake, self._clock_ns = actor, wake, clock_ns
        self._stop_fd = stop.fileno() if stop else -1
        self._restarts = restarts
        self._period_ns = int(SECOND_NS / tick_hz)
        self._meter = Meter(clock_ns())
        self._outlets: dict[str, Outlet] = {}
        self._context = zmq.Context()
        self._health = HEALTH.of(actor=actor)
        self._pub = self._context.socket(zmq.XPUB)
        self._pub.xpub_verbose = True
        self._pub.set_hwm(HIGH_WATER_MARK)
        self._address = endpoint(run_dir, actor)
        self._pub.bind(self._address)
        self._direct = DirectPublisher(direct_path(run_dir, actor))
        self._poller = zmq.Poller()
        self._subscribers: list[DirectSubscriber] = []
        self._takers: dict[Any, Callable[[], Sequence[Message]]] = {}
        self._away: list[tuple[DirectSubscriber, Inlet]] = []  # whose actors are not there
        self._register(run_dir, subscribe)
        self._beat()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        Path(self._address.removeprefix("ipc://")).unlink(missing_ok=True)  # libzmq leaves it
        for subscriber in self._subscribers:
            subscriber.close()
        self._direct.close()
        self._context.destroy(linger=0)

    def send(self, topic: Topic[M], message: M) -> None:
        outlet = self._outlets.get(topic.name) or self._open(topic)
        now_ns = self._clock_ns()
        wire = outlet.wire(message, now_ns)
        if topic.direct:
            self._direct.send(outlet.prefix, wire)
        self._pub.send(wire)
        if isinstance(message, MEASURED):
            self._meter.finished(message.captured_ns, now_ns)

    def skip(self, topic: Topic[Any]) -> None:
        (self._outlets.get(topic.name) or self._open(topic)).seq += 1

    def finished(self, captured_ns: int) -> None:
        self._meter.finished(captured_ns, self._clock_ns())

    def drop(self, count: int = 1) -> None:
        self._meter.dropped += count

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

    def __iter__(self) -> Iterator[Message]:
        tick_ns = beat_ns = self._clock_ns()
        while True:
            due_ns = min(tick_ns, beat_ns) - self._clock_ns()
            wait_ms = max(0, -(-due_ns // 1_000_000))
            ready = self._poller.poll(min(wait_ms, RECONNECT_MS) if self._away else wait_ms)
            if self._away:  # before a word is sent: who hears it knows that we listen
                self._connect()
            for source, _ in ready:
                if source == self._stop_fd:
                    self.report("stopping")
                    return
                yield from self._takers[source]()
            now_ns = self._clock_ns()
            if now_ns >= tick_ns:
                tick_ns = max(tick_ns + self._period_ns, now_ns)
                yield Tick(now_ns=now_ns, now_utc_ns=time.time_ns())
            if now_ns >= beat_ns:  # from the loop itself: a hung actor falls silent
                beat_ns = now_ns + BEAT_NS
                self._beat()

    def _register(self, run_dir: Path, topics: Sequence[Topic[Any]]) -> None:
        """What is polled, in the order in which it is handled: subscribed first, taken first."""
        takers = self._takers
        if self._stop_fd >= 0:
            self._poller.register(self._stop_fd, zmq.POLLIN)
        for topic in topics:
            if topic.direct:
                link = DirectSubscriber(direct_path(run_dir, topic.owner), prefix(topic.name))
                self._subscribers.append(link)
                self._away.append((link, self._inlet(topic, link.receive)))
            else:
                source = ZmqSubscriber(self._context, run_dir, topic)
                takers[source.socket] = self._inlet(topic, source.receive).take
        if self._wake:
            takers[self._wake.fd] = self._woken
        takers[self._pub] = self._resend
        for polled in takers:
            self._poller.register(polled, zmq.POLLIN)
        self._connect()

    def _inlet(self, topic: Topic[Any], receive: Callable[[], bytes | None]) -> Inlet:
        return Inlet(topic, receive, self._meter, self._clock_ns)

    def _connect(self) -> None:
        """Try all that are away."""
        self._away, away = [], self._away
        for subscriber, inlet in away:
            if not subscriber.connect():
                self._away.append((subscriber, inlet))
                continue
            fd = subscriber.fd
            self._takers[fd] = partial(self._hear, fd, subscriber, inlet)
            self._poller.register(fd, zmq.POLLIN)

    def _hear(self, fd: int, subscriber: DirectSubscriber, inlet: Inlet) -> Sequence[Message]:
        messages: Sequence[Message] = inlet.take()
        if not messages and subscriber.fd < 0:
            self._poller.unregister(fd)
            del self._takers[fd]
            self._away.append((subscriber, inlet))
        return messages

    def _woken(self) -> Sequence[Message]:
        if self._wake:
            self._wake.clear()
        return (Woken(now_ns=self._clock_ns(), now_utc_ns=time.time_ns()),)

    def _beat(self) -> None:
        self._direct.tend()  # also while nothing is sent
        health = self._meter.health(self._actor, os.getpid(), self._clock_ns())
        restarts, rss = self._restarts, resident_bytes()
        self.send(self._health, msgspec.structs.replace(health, restarts=restarts, rss_bytes=rss))

    def _resend(self) -> Sequence[Message]:
        """Give whoever just subscribed the last message of each state topic it asked for."""
        while self._pub.poll(0):
            request = self._pub.recv()
            if request[:1] != b"\x01":
                continue
            for outlet in self._outlets.values():
                if outlet.last.startswith(request[1:]):
                    self._pub.send(outlet.last)
        return ()

    def _open(self, topic: Topic[Any]) -> "Outlet":
        outlet = self._outlets[topic.name] = Outlet(topic)
        return outlet


class Outlet:
    """One topic on its way out: its numbers, and the last message if it is sent again."""

    def __init__(self, topic: Topic[Any]) -> None:
        self.prefix, self._resent = prefix(topic.name), topic.resent
        self._encode = msgpack.Encoder().encode
        self.seq = -1
        self.last = b""

    def wire(self, message: Message, now_ns: int) -> bytes:
        """The next message's bytes, numbered and stamped."""
        self.seq += 1
        stamped = msgspec.structs.replace(message, seq=self.seq, published_ns=now_ns)
        wire = self.prefix + self._encode(stamped)
        if self._resent:
            self.last = wire
        return wire


class ZmqSubscriber:
    """One topic over ZeroMQ. It reconnects by itself."""

    def __init__(self, context: Context, run_dir: Path, topic: Topic[Any]) -> None:
        self.socket = context.socket(zmq.SUB)
        self.socket.set_hwm(HIGH_WATER_MARK)
        self.socket.reconnect_ivl = RECONNECT_MS
        self.socket.connect(endpoint(run_dir, topic.owner))
        self.socket.subscribe(prefix(topic.name))
        self._recv = self.socket.recv

    def receive(self) -> bytes | None:
        """The next message or part of one, None if none waits."""
        try:
            return self._recv(zmq.DONTWAIT)
        except zmq.Again:
            return None


def resident_bytes() -> int:
    """This process's resident memory, shared pages included."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 every beat: the plain call
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
