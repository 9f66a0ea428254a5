"""How fast it goes, and how long to wait after a failure (pure: every time is given)."""

import math
from collections.abc import Callable

from actors.models.remote import Terms

SECOND_NS = 1_000_000_000
SMOOTH_S = 3.0  # what came this long ago counts a third of what comes now
SHORTEST_NS = SECOND_NS // 10  # shorter intervals say little


class Gauge:
    """Bytes a second, smoothed exponentially."""

    def __init__(self, now_ns: int) -> None:
        self.rate_bytes_s = 0.0
        self._since_ns, self._bytes, self._begun = now_ns, 0, False

    def add(self, count: int, now_ns: int) -> None:
        """So many bytes came (none, too: time passed)."""
        self._bytes += count
        passed_ns = now_ns - self._since_ns
        if passed_ns < SHORTEST_NS:
            return
        passed_s = passed_ns / SECOND_NS
        weight = 1 - math.exp(-passed_s / SMOOTH_S) if self._begun else 1.0
        self.rate_bytes_s += weight * (self._bytes / passed_s - self.rate_bytes_s)
        self._since_ns, self._bytes, self._begun = now_ns, 0, True

    def pause(self, now_ns: int) -> None:
        """Nothing was to come until now: the wait between two attempts."""
        self._since_ns, self._bytes = now_ns, 0


class Tries:
    """Failures counted, and the waits between attempts: doubling, jittered, bounded.

    Getting further than ever begins the count anew: a long file over a poor line may break
    off more often than a dead server may refuse. `jitter` is asked for a number from 0 to 1.
    """

    def __init__(self, terms: Terms, jitter: Callable[[], float]) -> None:
        self.failures = 0
        self._terms, self._jitter, self._furthest = terms, jitter, 0

    def failed(self, done_bytes: int) -> None:
        if done_bytes > self._furthest:
            self._furthest, self.failures = done_bytes, 0
        self.failures += 1

    @property
    def over(self) -> bool:
        return self.failures >= self._terms.attempts

    def wait_s(self, asked_s: float = 0.0) -> float:
        """Before the next attempt; `asked_s` is what the server asked for."""
        most_s = self._terms.longest_wait_s
        doubled_s = min(self._terms.first_wait_s * 2.0 ** min(self.failures - 1, 30), most_s)
        own_s = doubled_s * (1 + self._jitter()) / 2
        return min(max(own_s, asked_s), most_s)
