"""How long to wait before a connection is tried again (pure: time and chance are given)."""

from collections.abc import Callable

SECOND_NS = 1_000_000_000
HELD_NS = 10 * SECOND_NS  # a connection that lasted so long was a good one


class Backoff:
    """Waits that double, jittered and bounded. `jitter` is asked for a number from 0 to 1.

    Two clients of one name throw each other out as fast as they come in: that a connection was
    made says little, that it held begins the count anew.
    """

    def __init__(self, first_s: float, longest_s: float, jitter: Callable[[], float]) -> None:
        self._first_s, self._longest_s, self._jitter = first_s, longest_s, jitter
        self._failures = 0

    def failed(self, held_ns: int, asked_s: float = 0.0) -> float:
        """Seconds to wait, after a connection that held so long; 0 if there was none.

        `asked_s` is what the other side asked for: not less, but never more than the longest.
        """
        self._failures = 1 if held_ns >= HELD_NS else self._failures + 1
        doubled_s = self._first_s * 2.0 ** min(self._failures - 1, 30)
        own_s = min(doubled_s, self._longest_s) * (1 + self._jitter()) / 2
        return max(own_s, min(asked_s, self._longest_s))
