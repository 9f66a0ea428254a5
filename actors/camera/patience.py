"""How long to wait for what does not come (pure: every time is given)."""

from actors.camera.pacing import SECOND_NS, period_ns

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 10.0
STALL_PERIODS = 5
SHORTEST_STALL_NS = SECOND_NS // 5
SMOOTHING = 8  # a new interval's weight is one in this many


class Backoff:
    """Doubling waits between attempts, from half a second to ten."""

    def __init__(self) -> None:
        self.wait_s = FIRST_WAIT_S

    def failed(self) -> float:
        """How long to wait before the next attempt."""
        wait_s, self.wait_s = self.wait_s, min(2 * self.wait_s, LONGEST_WAIT_S)
        return wait_s

    def succeeded(self) -> None:
        self.wait_s = FIRST_WAIT_S


class Pulse:
    """Notices within a few periods that a live source stopped sending pictures.

    The period is learned from the pictures, since cameras often declare another one; one
    long gap teaches little.
    """

    def __init__(self, rate_hz: float = 25.0) -> None:
        self._period_ns = period_ns(rate_hz)
        self._last_ns: int | None = None

    def beat(self, at_ns: int) -> None:
        """A picture came."""
        if self._last_ns is not None:
            interval_ns = min(at_ns - self._last_ns, 2 * self._period_ns)
            self._period_ns += (interval_ns - self._period_ns) // SMOOTHING
        self._last_ns = at_ns

    @property
    def patience_ns(self) -> int:
        return max(SHORTEST_STALL_NS, STALL_PERIODS * self._period_ns)

    def stalled(self, now_ns: int) -> bool:
        return self._last_ns is not None and now_ns - self._last_ns > self.patience_ns
