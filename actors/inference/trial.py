"""How a newcomer does on live frames beside the model that runs (pure)."""

from collections import deque
from collections.abc import Sequence

from bus.health import quantile
from bus.messages import Box, Result

SAME_IOU = 0.5  # two boxes that overlap so far, with one label, are the same
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


def same(one: Sequence[Box], other: Sequence[Box]) -> int:
    """How many boxes of `one` have a partner in `other`, each partner counted once."""
    left, found = list(other), 0
    for box in one:
        partner = max(left, key=lambda each: overlap(box, each), default=None)
        if partner is not None and overlap(box, partner) >= SAME_IOU:
            left.remove(partner)
            found += 1
    return found


def overlap(one: Box, other: Box) -> float:
    """Intersection over union; 0 for boxes of different labels."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    if one.label != other.label or width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (_area(one) + _area(other) - both)


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
