"""When pictures are due (pure: every time is given)."""

SECOND_NS = 1_000_000_000
LATE_NS = SECOND_NS // 4  # a clip this far behind goes on from here instead of racing after
LEAP_NS = 10 * SECOND_NS  # a gap between two timestamps that no clip means


def period_ns(rate_hz: float) -> int:
    return int(SECOND_NS / rate_hz)


class Pacer:
    """Numbers the pictures of a source that is paced by ticks at its own rate.

    A picture's number is the count of periods since the clock's zero, so it goes on from the
    time after a restart instead of starting over. A tick that is early or late by less than
    a period still takes the next number; after a longer pause numbers are skipped.
    """

    def __init__(self, rate_hz: float) -> None:
        self._period_ns = period_ns(rate_hz)
        self._last: int | None = None

    def due(self, now_ns: int) -> int | None:
        """The number of the picture to publish now, None when none is due yet."""
        index = now_ns // self._period_ns
        if self._last is not None:
            following = self._last + 1
            late_ns = now_ns - following * self._period_ns
            if late_ns < -self._period_ns // 2:
                return None
            if late_ns < 2 * self._period_ns:
                index = following
        self._last = index
        return index

    def following(self, now_ns: int) -> int:
        """The next number, due or not: for those who do not wait."""
        self._last = now_ns // self._period_ns if self._last is None else self._last + 1
        return self._last


class Playback:
    """Plays a clip's timestamps at their real speed: no drift, and no burst after a pause.

    A timestamp that steps back (the clip starts again) or leaps counts as one period after
    the one before.
    """

    def __init__(self) -> None:
        self._media_ns: int | None = None
        self._anchor_ns = 0  # the clock's time at media time zero

    def due_ns(self, media_ns: int, rate_hz: float, now_ns: int) -> int:
        """When the picture with this timestamp is to be shown."""
        if self._media_ns is None:
            self._anchor_ns = now_ns - media_ns
        elif not self._media_ns < media_ns < self._media_ns + LEAP_NS:
            self._anchor_ns += self._media_ns + period_ns(rate_hz) - media_ns
        self._media_ns = media_ns
        due_ns = self._anchor_ns + media_ns
        if now_ns - due_ns > LATE_NS:
            self._anchor_ns += now_ns - due_ns
            return now_ns
        return due_ns


class Thinner:
    """Lets at most `rate_hz` pictures a second through, all of them if that is None."""

    def __init__(self, rate_hz: float | None) -> None:
        self._period_ns = period_ns(rate_hz) if rate_hz else 0
        self._next_ns = self._before_ns = -LEAP_NS

    def takes(self, at_ns: int) -> bool:
        """Whether the picture of this time is the nearest to the next that is wanted."""
        interval_ns, self._before_ns = at_ns - self._before_ns, at_ns
        if abs(at_ns - self._next_ns) > 2 * self._period_ns:
            self._next_ns = at_ns  # the first, or after a pause or a jump
        if at_ns < self._next_ns - max(0, min(interval_ns, self._period_ns)) // 2:
            return False
        self._next_ns += self._period_ns
        return True
