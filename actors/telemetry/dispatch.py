"""The outbox with its sinks, as the loop sees them: opened when it can be, and never in the way."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from actors.backoff import Backoff
from actors.clock import utc_ns
from actors.telemetry.letter import Letter
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits
from actors.telemetry.outbox.trouble import OutboxError
from actors.telemetry.sinks.courier import Courier
from actors.telemetry.sinks.sink import Connect, Sink

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
MOST_KEPT = 1000  # letters while the outbox cannot be opened
SECOND_NS = 1_000_000_000
LOOK_NS = 10 * SECOND_NS  # at what was dropped


class Dispatch(Protocol):
    """Where letters go."""

    def accept(self, letters: Sequence[Letter], now_utc_ns: int) -> None:
        """Called at every turn, with none too."""

    @property
    def trouble(self) -> str:
        """What does not work, in sentences; "" if all does."""


class OutboxDispatch:
    """As `Dispatch`. While the disk refuses it keeps a few letters, and tries at each turn."""

    def __init__(self, path: Path, sinks: Mapping[str, Connect], limits: Limits) -> None:
        self._path, self._connects, self._limits = path, sinks, limits
        self._outbox: Outbox | None = None
        self._sinks: dict[str, Sink] = {}
        self._kept: list[Letter] = []
        self._refused = ""
        self._dropped, self._look_ns = 0, 0

    def accept(self, letters: Sequence[Letter], now_utc_ns: int) -> None:
        self._kept = [*self._kept, *letters][-MOST_KEPT:]
        try:
            outbox = self._outbox or self._open(now_utc_ns)
            taken, self._kept = self._kept, []
            outbox.accept(taken, now_utc_ns)
            if now_utc_ns - self._look_ns > LOOK_NS:
                self._look_ns, self._dropped = now_utc_ns, sum(outbox.dropped().values())
        except OutboxError as error:
            self._refused = str(error)
            return
        self._refused = ""
        for sink in self._sinks.values() if taken else ():
            sink.wake()

    def _open(self, now_utc_ns: int) -> Outbox:
        outbox = Outbox(self._path, list(self._connects), self._limits)
        for name, connect in self._connects.items():
            backoff = Backoff(FIRST_WAIT_S, LONGEST_WAIT_S, random.random)
            self._sinks[name] = Courier(name, connect, outbox, backoff, utc_ns)
        for sink in self._sinks.values():
            sink.start()
        self._outbox, self._look_ns = outbox, now_utc_ns - LOOK_NS
        return outbox

    @property
    def trouble(self) -> str:
        told = [self._refused, self._outbox.damage if self._outbox else ""]
        for name, sink in self._sinks.items():
            state = sink.state
            told.append(f"sink {name}: {state.reason}" if state.reason else "")
        if self._dropped:
            told.append(f"{self._dropped} messages dropped for want of room or too old")
        return "; ".join(filter(None, told))

    def close(self) -> None:
        """What sinks have under way has a moment; the rest is on disk."""
        for sink in self._sinks.values():
            sink.stop()
        if self._outbox:
            self._outbox.close()
