"""Which results belong on which frame, and how long a frame waits for them (pure)."""

from collections import deque
from collections.abc import Iterable

from bus.health import SECOND_NS
from bus.messages import Frame, Result

SILENT_NS = SECOND_NS  # an entry without a result for so long is not waited for
FRESH_NS = 300_000_000  # a result is shown on frames captured at most so far from its own
HISTORY = 64

Key = tuple[int, int]


class Alignment:
    """What the inference entries of one camera have said of its frames.

    Frames and results are ordered by pool epoch and number, so a restarted camera is newer.
    `align` may be changed at any time: frames that waited are then ready, all at once.
    """

    def __init__(self, entries: Iterable[str], hold_ns: int, *, align: bool) -> None:
        self._results: dict[str, deque[Result]] = {name: deque(maxlen=HISTORY) for name in entries}
        self._heard_ns: dict[str, int] = {}
        self._hold_ns, self.align = hold_ns, align

    @property
    def entries(self) -> list[str]:
        return list(self._results)

    def add(self, result: Result, now_ns: int) -> None:
        if result.inference in self._results:
            self._results[result.inference].append(result)
            self._heard_ns[result.inference] = now_ns

    def silent(self, now_ns: int) -> list[str]:
        """Entries that say nothing now."""
        return [name for name in self._results if not self._speaks(name, now_ns)]

    def ready(self, frame: Frame, now_ns: int) -> bool:
        """Nothing more is to be waited for: all who speak have seen this frame or a later."""
        if not self.align or now_ns - frame.captured_ns >= self._hold_ns:
            return True
        return all(
            _key(results[-1]) >= _key(frame)
            for name, results in self._results.items()
            if self._speaks(name, now_ns)
        )

    def results_for(self, frame: Frame, now_ns: int) -> list[Result]:
        """Of each entry that speaks the result nearest in time, its own when there is one."""
        nearest = (
            min(results, key=lambda result: abs(result.captured_ns - frame.captured_ns))
            for name, results in self._results.items()
            if self._speaks(name, now_ns)
        )
        return [r for r in nearest if abs(r.captured_ns - frame.captured_ns) <= FRESH_NS]

    def _speaks(self, name: str, now_ns: int) -> bool:
        heard_ns = self._heard_ns.get(name)
        return heard_ns is not None and now_ns - heard_ns < SILENT_NS


def _key(of: Frame | Result) -> Key:
    return of.ref.epoch, of.frame_seq
