"""How many of each label there were over a stretch of results (pure).

A label that a result has no box of counts as 0 there, so `least` is 0 unless each had one.
"""

from collections import Counter
from typing import NamedTuple

from msgspec import Struct

from bus.messages import Result


class Tally(NamedTuple):
    """Boxes of one label in a result."""

    least: int
    most: int
    mean: float
    last: int


class Counts(Struct, frozen=True):
    """What one model saw in one camera's frames between two captures, both included."""

    camera: str
    inference: str
    family: str
    model: str
    version: str
    device: str
    results: int
    degraded: int  # results among them whose status was not `ok`
    from_utc_ns: int
    to_utc_ns: int
    labels: dict[str, Tally]


class Window:
    """Takes in results of one camera, entry and model; remembers no more than labels."""

    def __init__(self, first: Result, now_ns: int) -> None:
        self.opened_ns = now_ns
        self._first = self._last = first
        self._results = self._degraded = 0
        self._total: Counter[str] = Counter()
        self._most: Counter[str] = Counter()
        self._least: dict[str, int] = {}
        self._latest: Counter[str] = Counter()
        self.add(first)

    def fits(self, result: Result) -> bool:
        """Whether the same model made it, on the same device."""
        return _maker(result) == _maker(self._first)

    def add(self, result: Result) -> None:
        seen = count(result)
        for label in self._total.keys() | seen.keys():
            before = 0 if self._results else seen[label]
            self._least[label] = min(self._least.get(label, before), seen[label])
        self._most |= seen
        self._total += seen
        self._latest, self._last = seen, result
        self._results += 1
        self._degraded += result.status != "ok"

    def counts(self) -> Counts:
        first = self._first
        return Counts(
            camera=first.camera,
            inference=first.inference,
            family=first.family,
            model=first.model,
            version=first.version,
            device=first.device,
            results=self._results,
            degraded=self._degraded,
            from_utc_ns=first.captured_utc_ns,
            to_utc_ns=self._last.captured_utc_ns,
            labels={label: self._tally(label) for label in sorted(self._total)},
        )

    def _tally(self, label: str) -> Tally:
        mean = round(self._total[label] / self._results, 3)
        return Tally(self._least[label], self._most[label], mean, self._latest[label])


def count(result: Result) -> Counter[str]:
    """Boxes by label."""
    return Counter(box.label for box in result.boxes)


def _maker(result: Result) -> tuple[str, str, str]:
    return result.model, result.version, result.device
