"""An outbox whose sinks can be watched, and letters for it."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actors.backoff import Backoff
from actors.telemetry.letter import Letter, Posted
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits
from actors.telemetry.outbox.trouble import OutboxError
from actors.telemetry.sinks.courier import Courier
from actors.telemetry.sinks.sink import Connect

DEADLINE_S = 20
SECOND_NS = 10**9
OLD_NS = 60 * SECOND_NS  # a letter of that age is late
WIDE = Limits(most_bytes=1 << 28, most_age_s=86400, late_hz=1e6, spare_bytes=0)
FRONT, BACK, HEALTH = "results/front/street", "results/back/street", "health/camera-front"
NAME = "sink"


def letter(word: object, topic: str = FRONT, priority: int = 0) -> Letter:
    body = json.dumps({"kind": "result", "word": word}).encode()
    return Letter(topic, priority, body, "retinue/1", created_utc_ns=time.time_ns())


def letters(words: Iterable[object], topic: str = FRONT) -> list[Letter]:
    return [letter(word, topic) for word in words]


class Watched(logging.Handler):
    """An outbox with one sink. Whatever the sink does or says makes `until` look again."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.outbox = Outbox(path, [NAME], WIDE, durable=False)
        self._changed = threading.Condition()
        self.said: list[str] = []
        self.confirmed: list[int] = []
        self.fault = ""  # of the disk, say

    def next(self, sink: str, now_utc_ns: int, most: int) -> list[Posted]:
        if self.fault:
            raise OutboxError(self.fault)
        return self.outbox.next(sink, now_utc_ns, most)

    def confirm(self, sink: str, ids: Iterable[int]) -> None:
        those = list(ids)
        self.outbox.confirm(sink, those)
        with self._changed:
            self.confirmed += those
            self._changed.notify_all()

    def reopen(self, sink: str) -> None:
        self.outbox.reopen(sink)

    def emit(self, record: logging.LogRecord) -> None:
        with self._changed:
            self.said.append(record.getMessage())
            self._changed.notify_all()

    def changed(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def accept(self, letters: Sequence[Letter], age_ns: int = 0) -> None:
        self.outbox.accept(letters, time.time_ns() - age_ns)

    def until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, DEADLINE_S), self.said

    def until_said(self, words: str) -> None:
        self.until(lambda: any(words in said for said in self.said))

    def until_empty(self) -> None:
        self.until(lambda: self.outbox.size().letters == 0)


@contextmanager
def courier_of(connect: Connect, watched: Watched) -> Iterator[Courier]:
    courier = Courier(NAME, connect, watched, Backoff(0.01, 0.05, lambda: 0.5), time.time_ns)
    courier.start()
    try:
        yield courier
    finally:
        courier.stop()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def words(envelopes: Iterable[dict[str, Any]]) -> list[object]:
    return [each["body"]["word"] for each in envelopes]
