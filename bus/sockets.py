"""An actor's end of the bus: iterate it for messages in, call `send` for out.

Each subscription has a socket of its own, so that late messages of one topic can be skipped
without touching another's. Publishers bind, subscribers connect, in any order.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from socket import socket
from typing import Any, Protocol, Self, TypeVar

import msgspec
import zmq
from msgspec import msgpack

from bus.health import SECOND_NS, Meter
from bus.messages import DUE_MS, Frame, Message, Result, State, Tick, Woken
from bus.topics import HEALTH, Keep, Topic, endpoint, prefix

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)
Context = zmq.Context[zmq.Socket[bytes]]

MEASURED = (Frame, Result)  # whose sending ends a frame's work
HIGH_WATER_MARK = 64
BEAT_NS = SECOND_NS // 2
FRESH_NS = 1_000_000  # behind a younger message nothing waits that is worth a look
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
        self._inlets = [
            Inlet(self._context, run_dir, topic, self._meter, clock_ns) for topic in subscribe
        ]
        self._poller = zmq.Poller()
        self._takers = self._register()
        self._beat()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        Path(self._address.removeprefix("ipc://")).unlink(missing_ok=True)  # libzmq leaves it
        self._context.destroy(linger=0)

    def send(self, topic: Topic[M], message: M) -> None:
        outlet = self._outlets.get(topic.name) or self._open(topic)
        now_ns = self._clock_ns()
        self._pub.send(outlet.wire(message, now_ns))
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
            for source, _ in self._poller.poll(max(0, -(-due_ns // 1_000_000))):
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

    def _register(self) -> dict[Any, Callable[[], Sequence[Message]]]:
        """What is polled, in the order in which it is handled: subscribed first, taken first."""
        takers: dict[Any, Callable[[], Sequence[Message]]] = {}
        if self._stop_fd >= 0:
            self._poller.register(self._stop_fd, zmq.POLLIN)
        takers |= {inlet.socket: inlet.take for inlet in self._inlets}
        if self._wake:
            takers[self._wake.fd] = self._woken
        takers[self._pub] = self._resend
        for source in takers:
            self._poller.register(source, zmq.POLLIN)
        return takers

    def _woken(self) -> Sequence[Message]:
        if self._wake:
            self._wake.clear()
        return (Woken(now_ns=self._clock_ns(), now_utc_ns=time.time_ns()),)

    def _beat(self) -> None:
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
        self._prefix, self._resent = prefix(topic.name), topic.resent
        self._encode = msgpack.Encoder().encode
        self.seq = -1
        self.last = b""

    def wire(self, message: Message, now_ns: int) -> bytes:
        """The next message's bytes, numbered and stamped."""
        self.seq += 1
        stamped = msgspec.structs.replace(message, seq=self.seq, published_ns=now_ns)
        wire = self._prefix + self._encode(stamped)
        if self._resent:
            self.last = wire
        return wire


class Inlet:
    """One subscription: its socket, and what is taken from it."""

    def __init__(
        self,
        context: Context,
        run_dir: Path,
        topic: Topic[Any],
        meter: Meter,
        clock_ns: Callable[[], int],
    ) -> None:
        self.socket = context.socket(zmq.SUB)
        self.socket.set_hwm(HIGH_WATER_MARK)
        self.socket.reconnect_ivl = RECONNECT_MS
        self.socket.connect(endpoint(run_dir, topic.owner))
        self.socket.subscribe(topic.name.encode())
        self._topic, self._meter, self._seq = topic, meter, -1
        self._newest = topic.keep is Keep.NEWEST
        self._decode = msgpack.Decoder(topic.carries).decode
        self._prefix, self._recv = prefix(topic.name), self.socket.recv
        self._clock_ns = clock_ns

    def take(self) -> Sequence[Any]:
        """What waits: every message, or the newest.

        The usual case, one young message, takes the shortest way: once in 33 ms all of this
        code is cold.
        """
        wire = self._wire()
        if wire is None:
            return ()
        messages = self._read(wire)
        if self._newest and messages and self._clock_ns() - messages[0].published_ns < FRESH_NS:
            return messages
        behind = self._drain()
        self._meter.waited(len(behind))
        if behind and self._newest:
            return self._read(behind[-1])
        return [*messages, *(message for one in behind for message in self._read(one))]

    def _drain(self) -> list[bytes]:
        waiting: list[bytes] = []
        while len(waiting) < HIGH_WATER_MARK and (wire := self._wire()) is not None:
            waiting.append(wire)
        return waiting

    def _wire(self) -> bytes | None:
        """The next message or part of one, None if none waits."""
        try:
            return self._recv(zmq.DONTWAIT)
        except zmq.Again:
            return None

    def _read(self, wire: bytes) -> tuple[Any, ...]:
        if not wire.startswith(self._prefix):
            self._refuse("no topic, or none that ends in a zero byte")
            return ()
        try:
            message = self._decode(memoryview(wire)[len(self._prefix) :])
        except (ValueError, msgspec.MsgspecError) as error:
            self._refuse(error)
            return ()
        seq, self._seq = self._seq, message.seq
        if 0 <= seq < message.seq - 1 and not self._topic.resent:  # lower: a restart
            self._meter.dropped += message.seq - seq - 1
        return (message,)

    def _refuse(self, reason: object) -> None:
        self._meter.malformed += 1
        if self._meter.malformed == 1:
            log.warning("%s: unreadable message refused: %s", self._topic.name, reason)


def resident_bytes() -> int:
    """This process's resident memory, shared pages included."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 every beat: the plain call
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
