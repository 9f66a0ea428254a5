"""An actor's end of the bus: iterate it for messages in, call `send` for out.

Each subscription has a socket of its own, so that late messages of one topic can be skipped
without touching another's. Publishers bind, subscribers connect, in any order. Every message
goes out over ZeroMQ; topics that are `direct` between our own actors take the short way too.
"""

import logging
import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any, Protocol, Self, TypeVar

import msgspec
import zmq

from bus.direct import DirectPublisher, DirectSubscriber, direct_path
from bus.health import SECOND_NS, Meter
from bus.inlet import Inlet
from bus.messages import DUE_MS, Frame, Message, Result, State, Tick, Woken
from bus.outlet import Outlet
from bus.resident import Resident
from bus.topics import HEALTH, Topic, endpoint, prefix
from bus.zeromq import HIGH_WATER_MARK, RECONNECT_MS, Context, ZmqSubscriber

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)

MEASURED = (Frame, Result)  # whose sending ends a frame's work
BEAT_NS = SECOND_NS // 2


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
        self._meter, self._resident = Meter(clock_ns()), Resident()
        self._outlets: dict[str, Outlet] = {}
        self._context: Context = zmq.Context()
        self._health = HEALTH.of(actor=actor)
        self._pub = self._context.socket(zmq.XPUB)
        self._pub.xpub_verbose = True
        self._pub.set_hwm(HIGH_WATER_MARK)
        self._address = endpoint(run_dir, actor)
        self._pub.bind(self._address)
        self._direct = DirectPublisher(direct_path(run_dir, actor))
        self._poll = select.poll()
        self._subscribers: list[DirectSubscriber] = []
        self._takers: dict[int, Callable[[], Sequence[Message]]] = {}
        self._unread: list[int] = []  # where more may wait than was taken
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
        self._resident.close()
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
            for fd in self._ready(min(tick_ns, beat_ns) - self._clock_ns()):
                if fd == self._stop_fd:
                    self.report("stopping")
                    return
                yield from self._takers[fd]()
            now_ns = self._clock_ns()
            if now_ns >= tick_ns:
                tick_ns = max(tick_ns + self._period_ns, now_ns)
                yield Tick(now_ns=now_ns, now_utc_ns=time.time_ns())
            if now_ns >= beat_ns:  # from the loop itself: a hung actor falls silent
                beat_ns = now_ns + BEAT_NS
                self._beat()
                self._resend()

    def _ready(self, due_ns: int) -> list[int]:
        """Where something is to be taken, at the latest after `due_ns`."""
        wait_ms = 0 if self._unread else max(0, -(-due_ns // 1_000_000))
        if self._away:
            wait_ms = min(wait_ms, RECONNECT_MS)
        ready = [fd for fd, _ in self._poll.poll(wait_ms)]
        if self._away:  # before a word is sent: who hears it knows that we listen
            self._connect()
        if self._unread:
            ready, self._unread = list(dict.fromkeys([*ready, *self._unread])), []
        return ready

    def _register(self, run_dir: Path, topics: Sequence[Topic[Any]]) -> None:
        """What is polled."""
        if self._stop_fd >= 0:
            self._poll.register(self._stop_fd, select.POLLIN)
        for topic in topics:
            self._subscribe(run_dir, topic)
        if self._wake:
            self._take_from(self._wake.fd, self._woken)
        self._take_from(self._pub.fileno(), self._resend)
        self._connect()

    def _subscribe(self, run_dir: Path, topic: Topic[Any]) -> None:
        if topic.direct:
            link = DirectSubscriber(direct_path(run_dir, topic.owner), prefix(topic.name))
            self._subscribers.append(link)
            self._away.append((link, self._inlet(topic, link.receive)))
        else:
            source = ZmqSubscriber(self._context, run_dir, topic)
            self._take_from(
                source.fd, partial(self._read, source, self._inlet(topic, source.receive))
            )
            self._unread.append(source.fd)

    def _take_from(self, fd: int, take: Callable[[], Sequence[Message]]) -> None:
        self._takers[fd] = take
        self._poll.register(fd, select.POLLIN)

    def _inlet(self, topic: Topic[Any], receive: Callable[[], bytes | None]) -> Inlet:
        return Inlet(topic, receive, self._meter, self._clock_ns)

    def _connect(self) -> None:
        """Try all that are away."""
        self._away, away = [], self._away
        for subscriber, inlet in away:
            if subscriber.connect():
                fd = subscriber.fd
                self._take_from(fd, partial(self._hear, fd, subscriber, inlet))
            else:
                self._away.append((subscriber, inlet))

    def _hear(self, fd: int, subscriber: DirectSubscriber, inlet: Inlet) -> Sequence[Message]:
        messages: Sequence[Message] = inlet.take()
        if subscriber.fd < 0:
            self._poll.unregister(fd)
            del self._takers[fd]
            self._away.append((subscriber, inlet))
        return messages

    def _read(self, subscriber: ZmqSubscriber, inlet: Inlet) -> Sequence[Message]:
        messages: Sequence[Message] = inlet.take()
        if subscriber.more:
            self._unread.append(subscriber.fd)
        return messages

    def _woken(self) -> Sequence[Message]:
        if self._wake:
            self._wake.clear()
        return (Woken(now_ns=self._clock_ns(), now_utc_ns=time.time_ns()),)

    def _beat(self) -> None:
        self._direct.tend()  # also while nothing is sent
        health = self._meter.health(self._actor, os.getpid(), self._clock_ns())
        restarts, rss = self._restarts, self._resident.bytes()
        self.send(self._health, msgspec.structs.replace(health, restarts=restarts, rss_bytes=rss))

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
