"""What health says of kept pictures (pure)."""

from collections.abc import Iterable
from typing import NamedTuple

from bus.health import SECOND_NS
from bus.messages import State

AGAIN_NS = 600 * SECOND_NS  # counts that change cost messages elsewhere: so often
OFF = "collecting is off"


class Counts(NamedTuple):
    """Of pictures, since this process began."""

    kept: int = 0
    alike: int = 0
    removed: int = 0
    uploaded: int | None = None  # None: nothing is to be uploaded

    def __str__(self) -> str:
        told = [
            f"{self.kept} kept",
            f"{self.alike} left out as alike" if self.alike else "",
            f"{self.removed} removed for room or age" if self.removed else "",
            f"{self.uploaded} uploaded" if self.uploaded is not None else "",
        ]
        return ", ".join(filter(None, told))


class Telling:
    """The counts are said with the first picture and then now and then; what is wrong at once."""

    def __init__(self) -> None:
        self._said, self._said_ns = Counts(), 0

    def health(
        self, counts: Counts, *, on: bool, troubles: Iterable[str], now_ns: int
    ) -> tuple[State, str]:
        first = self._said.kept == 0 and counts.kept > 0
        if first or now_ns - self._said_ns >= AGAIN_NS:
            self._said, self._said_ns = counts, now_ns
        said = str(self._said) if on or self._said.kept else OFF
        wrong = [trouble for trouble in troubles if trouble]
        return "degraded" if wrong else "running", "; ".join([*wrong, said])
