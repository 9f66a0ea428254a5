"""Which pictures of a stream are sent, which are key frames, when its source is gone (pure)."""

SECOND_NS = 1_000_000_000
FORCED_APART_NS = SECOND_NS // 4
STALE_NS = SECOND_NS // 2
STALE_PERIODS = 5
SMOOTHING = 8
EARLY = 8  # a picture may come an eighth of a period before its time: capture times jitter
LONG_AGO_NS = -(1 << 62)
LONGEST_PERIOD_NS = 10 * SECOND_NS


class KeyFrames:
    """One each interval, and one soon when asked: those who ask together share it."""

    def __init__(self, interval_s: float) -> None:
        self._interval_ns = int(interval_s * SECOND_NS)
        self._last_ns: int | None = None
        self._asked = False

    def ask(self) -> None:
        self._asked = True

    def due(self, time_ns: int) -> bool:
        """Whether the picture of this time is to be one. If so, it counts as made."""
        apart_ns = FORCED_APART_NS if self._asked else self._interval_ns
        apart_ns = min(apart_ns, self._interval_ns)
        if self._last_ns is not None and time_ns - self._last_ns < apart_ns:
            return False
        self._last_ns, self._asked = time_ns, False
        return True

    def restart(self) -> None:
        """The next picture is one: nothing before it can be referred to."""
        self._last_ns = None


class Thinning:
    """At most `fps` pictures a second, as evenly as they come.

    Each takes a point of a grid in time: of 25 a second, 10 are every second and third in turn.
    """

    def __init__(self, fps: float) -> None:
        self.period_ns = int(SECOND_NS / fps)
        self._due_ns = LONG_AGO_NS

    def admits(self, captured_ns: int) -> bool:
        """Whether this picture is sent. If so, it counts as sent."""
        early_ns, ahead_ns = self.period_ns // EARLY, self._due_ns - captured_ns
        if early_ns < ahead_ns <= self.period_ns + early_ns:
            return False
        on_grid = -self.period_ns < ahead_ns <= early_ns  # else a gap, or time went back
        self._due_ns = (self._due_ns if on_grid else captured_ns) + self.period_ns
        return True


class Freshness:
    """Whether pictures still come, judged by when their messages do."""

    def __init__(self, fps: float | None) -> None:
        self.period_ns = int(SECOND_NS / fps) if fps else 0  # 0: not known yet
        self._captured_ns: int | None = None
        self._heard_ns = 0

    def hear(self, captured_ns: int, now_ns: int) -> None:
        """A picture came. Their spacing is learnt from when they were captured."""
        last_ns, self._captured_ns, self._heard_ns = self._captured_ns, captured_ns, now_ns
        if last_ns is not None and 0 < captured_ns - last_ns < LONGEST_PERIOD_NS:
            period_ns = captured_ns - last_ns
            self.period_ns += (period_ns - self.period_ns) // SMOOTHING if self.period_ns else 0
            self.period_ns = self.period_ns or period_ns

    def wait(self, now_ns: int) -> None:
        """Someone begins to look: give the source its time from now on."""
        self._heard_ns = max(self._heard_ns, now_ns)

    def stale(self, now_ns: int) -> bool:
        return now_ns - self._heard_ns > max(STALE_NS, STALE_PERIODS * self.period_ns)
