"""One subscription: what came, checked, counted, and skipped where only the newest counts."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import msgpack

from bus.topics import Keep, Topic

log = logging.getLogger(__name__)

MOST_WAITING = 64
FRESH_NS = 1_000_000  # behind a younger message nothing waits that is worth a look


class Losses:
    """What was not delivered, over all subscriptions of one process."""

    def __init__(self) -> None:
        self.dropped = 0  # since the start
        self.malformed = 0
        self.lag = 0  # most messages found waiting behind the newest, since it was last reset

    def waited(self, behind: int) -> None:
        self.lag = max(self.lag, behind)


class Numbers:
    """The numbers of one topic as they came, from whichever of its publishers."""

    def __init__(self, *, resent: bool) -> None:
        self._last, self._resent = -1, resent

    def missed(self, number: int) -> int:
        """How many are missing before this one. A lower number is a restart: none."""
        last, self._last = self._last, number
        return number - last - 1 if 0 <= last < number - 1 and not self._resent else 0


class Inlet:
    """`receive` gives the next message's MessagePack, None if none waits."""

    def __init__(
        self,
        topic: Topic[Any],
        receive: Callable[[], bytes | None],
        numbers: Numbers,
        losses: Losses,
        clock_ns: Callable[[], int],
    ) -> None:
        self._topic, self._numbers, self._losses = topic, numbers, losses
        self._newest = topic.keep is Keep.NEWEST
        self._decode = msgpack.Decoder(topic.carries).decode
        self._receive, self._clock_ns = receive, clock_ns

    def take(self) -> Sequence[Any]:
        """What waits: every message, or the newest.

        The usual case, one young message, takes the shortest way: once in 33 ms all of this
        code is cold.
        """
        body = self._receive()
        if body is None:
            return ()
        messages = self._read(body)
        if self._newest and messages and self._clock_ns() - messages[0].published_ns < FRESH_NS:
            return messages
        behind = self._drain()
        self._losses.waited(len(behind))
        if behind and self._newest:
            return self._read(behind[-1])
        return [*messages, *(message for one in behind for message in self._read(one))]

    def _drain(self) -> list[bytes]:
        waiting: list[bytes] = []
        while len(waiting) < MOST_WAITING and (body := self._receive()) is not None:
            waiting.append(body)
        return waiting

    def _read(self, body: bytes) -> tuple[Any, ...]:
        try:
            message = self._decode(body)
        except (ValueError, msgspec.MsgspecError) as error:
            self._refuse(error)
            return ()
        self._losses.dropped += self._numbers.missed(message.seq)
        return (message,)

    def _refuse(self, reason: object) -> None:
        self._losses.malformed += 1
        if self._losses.malformed == 1:
            log.warning("%s: unreadable message refused: %s", self._topic.name, reason)
