"""How often a dead program is started again at once (pure)."""

from collections import defaultdict, deque

from bus.health import SECOND_NS

MOST, WITHIN_NS = 10, 10 * SECOND_NS


class Pace:
    """Ten times in ten seconds. A program that crashes faster waits for supervisord's own turn.

    Each of the two watchdogs counts the same deaths, so together they are no faster than one.
    """

    def __init__(self) -> None:
        self._times: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MOST))

    def allows(self, actor: str, now_ns: int) -> bool:
        times = self._times[actor]
        if len(times) == MOST and now_ns - times[0] < WITHIN_NS:
            return False
        times.append(now_ns)
        return True
