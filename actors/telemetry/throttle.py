"""Which results are sent, of each camera, entry and family (pure: time is an input).

interval   one when more than the interval has passed since the last that was sent, as Percept
change     the same, but only if the counts of labels differ from the last that was sent, or
           `heartbeat` intervals have passed
aggregate  none; what was counted over each interval instead, and nothing is left out
"""

from collections import Counter
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from actors.telemetry.aggregate import Counts, Window, count
from bus.messages import Result

MS_NS = 1_000_000


class Pace(Struct, frozen=True):
    """`interval_ms` is Percept's `TelemetryIntervalNeuralNetworkMs`."""

    mode: Literal["interval", "change", "aggregate"] = "interval"
    interval_ms: Annotated[float, Meta(ge=0)] = 1000.0
    heartbeat: Annotated[int, Meta(ge=1)] = 10  # in intervals

    @property
    def interval_ns(self) -> float:
        return self.interval_ms * MS_NS


class Key(NamedTuple):
    """What has a pace of its own. Two entries of one family do not take turns."""

    camera: str
    inference: str
    family: str


class Sent(NamedTuple):
    """The last result that was sent."""

    at_ns: int
    seen: Counter[str]


class Throttle:
    """Give it all results, and `due` now and then; send what it returns. Monotonic time."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._sent: dict[Key, Sent] = {}
        self._open: dict[Key, Window] = {}

    def offer(self, result: Result, now_ns: int) -> list[Result | Counts]:
        key = Key(result.camera, result.inference, result.family)
        if self._pace.mode == "aggregate":
            return self._add(key, result, now_ns)
        seen = count(result)
        if not self._passes(self._sent.get(key), seen, now_ns):
            return []
        self._sent[key] = Sent(now_ns, seen)
        return [result]

    def due(self, now_ns: int) -> list[Counts]:
        """What is complete without another result: a camera may have none to give any more."""
        return [self._open.pop(key).counts() for key in list(self._open) if self._over(key, now_ns)]

    def rest(self) -> list[Counts]:
        """All that was counted and not yet sent: before the end."""
        return [self._open.pop(key).counts() for key in list(self._open)]

    def change(self, pace: Pace) -> list[Counts]:
        """Go on at another pace, from the last result that was sent."""
        self._pace = pace
        return [] if pace.mode == "aggregate" else self.rest()

    def _passes(self, sent: Sent | None, seen: Counter[str], now_ns: int) -> bool:
        if sent is None:
            return True
        elapsed_ns, interval_ns = now_ns - sent.at_ns, self._pace.interval_ns
        if self._pace.mode == "change" and seen == sent.seen:
            return elapsed_ns > self._pace.heartbeat * interval_ns
        return elapsed_ns > interval_ns

    def _over(self, key: Key, now_ns: int) -> bool:
        return now_ns - self._open[key].opened_ns > self._pace.interval_ns

    def _add(self, key: Key, result: Result, now_ns: int) -> list[Result | Counts]:
        window = self._open.get(key)
        if window and not self._over(key, now_ns) and window.fits(result):
            window.add(result)
            return []
        self._open[key] = Window(result, now_ns)
        return [window.counts()] if window else []
