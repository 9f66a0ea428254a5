"""How a newcomer does on live frames beside the model that runs (pure)."""

from collections import deque

from actors.agreement import same
from bus.health import quantile
from bus.messages import Box, Result

KEPT = 64  # results of each side that wait for the other's

Key = tuple[str, int, int]


class Trial:
    """Counts what both saw in the same frames, and how long the newcomer took."""

    def __init__(self, began_ns: int, results: int, longest_ns: int) -> None:
        self._ends_ns, self._wanted = began_ns + longest_ns, results
        self._ours: dict[Key, list[Box]] = {}
        self._theirs: dict[Key, list[Box]] = {}
        self._spent_ms: deque[float] = deque(maxlen=KEPT)
        self._common = self._boxes = self._same = 0
        self._seen = 0

    def ours(self, result: Result) -> None:
        self._seen += 1
        self._spent_ms.append(result.spent_ms)
        self._match(result, self._ours, self._theirs)

    def theirs(self, result: Result) -> None:
        self._match(result, self._theirs, self._ours)

    def over(self, now_ns: int) -> bool:
        return self._seen >= self._wanted or now_ns >= self._ends_ns

    @property
    def latency_ms(self) -> float | None:
        """The newcomer's median inference."""
        return quantile(sorted(self._spent_ms), 0.5)

    @property
    def agreement(self) -> float | None:
        """Share of all boxes that both saw; None if they have looked at no frame in common."""
        if not self._common:
            return None
        return round(2 * self._same / self._boxes, 3) if self._boxes else 1.0

    def _match(
        self, result: Result, own: dict[Key, list[Box]], other: dict[Key, list[Box]]
    ) -> None:
        key = result.camera, result.ref.epoch, result.frame_seq
        found = other.pop(key, None)
        if found is None:
            own[key] = result.boxes
            if len(own) > KEPT:
                del own[next(iter(own))]
            return
        self._common += 1
        self._boxes += len(found) + len(result.boxes)
        self._same += same(result.boxes, found)
