"""One subscription: what came, checked, counted, and skipped where only the newest counts."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import msgpack

from bus.health import Meter
from bus.topics import Keep, Topic, prefix

log = logging.getLogger(__name__)

MOST_WAITING = 64
FRESH_NS = 1_000_000  # behind a younger message nothing waits that is worth a look


class Inlet:
    """`receive` gives the next message's bytes, None if none waits."""

    def __init__(
        self,
        topic: Topic[Any],
        receive: Callable[[], bytes | None],
        meter: Meter,
        clock_ns: Callable[[], int],
    ) -> None:
        self._topic, self._meter, self._seq = topic, meter, -1
        self._newest = topic.keep is Keep.NEWEST
        self._decode = msgpack.Decoder(topic.carries).decode
        self._prefix, self._receive = prefix(topic.name), receive
        self._clock_ns = clock_ns

    def take(self) -> Sequence[Any]:
        """What waits: every message, or the newest.

        The usual case, one young message, takes the shortest way: once in 33 ms all of this
        code is cold.
        """
        wire = self._receive()
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
        while len(waiting) < MOST_WAITING and (wire := self._receive()) is not None:
            waiting.append(wire)
        return waiting

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
