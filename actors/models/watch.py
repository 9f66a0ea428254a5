"""What goes on beside the bytes of a download: `stop`, the time in all, and what is told."""

import threading
from collections.abc import Callable

from actors.models.pace import SECOND_NS, Gauge
from actors.models.remote import Doing, Progress, Remote, Stopped, Terms, Unreachable

TELL_NS = SECOND_NS // 4  # told at most this often while bytes come


class Watch:
    """One download's time and voice."""

    def __init__(
        self,
        remote: Remote,
        terms: Terms,
        stop: threading.Event,
        tell: Callable[[Progress], None],
        clock_ns: Callable[[], int],
    ) -> None:
        self._longest_s, self._stop, self._tell = terms.longest_s, stop, tell
        self._clock_ns, self._begun_ns = clock_ns, clock_ns()
        self._gauge = Gauge(self._begun_ns)
        self._doing: Doing = "checking"
        self._told_ns = self._begun_ns
        self.attempt, self.reason = 1, ""
        self.done_bytes, self.total_bytes = 0, remote.size_bytes

    def look_up(self) -> None:
        """To be called often: leaves with `Stopped` or `Unreachable` when it is time."""
        if self._stop.is_set():
            raise Stopped(f"stopped after {self.done_bytes} bytes")
        if self.left_s <= 0:
            raise Unreachable(self.too_late())
        now_ns = self._clock_ns()
        if self._doing == "downloading":
            self._gauge.add(0, now_ns)
            if now_ns - self._told_ns >= TELL_NS:
                self.say("downloading")

    @property
    def left_s(self) -> float:
        """Of the time in all."""
        return self._longest_s - (self._clock_ns() - self._begun_ns) / SECOND_NS

    def say(self, doing: Doing) -> None:
        now_ns = self._clock_ns()
        if doing == "downloading" != self._doing:
            self._gauge.pause(now_ns)
        self._doing, self._told_ns = doing, now_ns
        rate = self._gauge.rate_bytes_s if doing == "downloading" else 0.0
        self._tell(
            Progress(doing, self.done_bytes, self.total_bytes, rate, self.attempt, self.reason)
        )

    def came(self, count: int) -> None:
        self.done_bytes += count
        self._gauge.add(count, self._clock_ns())

    def wait(self, seconds: float, reason: str) -> None:
        """Between two attempts; not at all if it would take longer than there is time."""
        self.reason = reason
        if seconds >= self.left_s:
            raise Unreachable(self.too_late())
        self.say("waiting")
        if self._stop.wait(seconds):
            self.look_up()
        self.attempt += 1

    def too_late(self) -> str:
        total = "" if self.total_bytes is None else f" of {self.total_bytes}"
        why = f"; the last attempt ended so: {self.reason}" if self.reason else ""
        return f"not done in {self._longest_s:g} s, {self.done_bytes}{total} bytes are there{why}"
