"""What an actor's loop knows of its own work, turned into Health (pure: times are given)."""

from collections import deque

from bus.inlet import Losses
from bus.messages import DUE_MS, Health, State

SECOND_NS = 1_000_000_000
WINDOW_NS = 2 * SECOND_NS


class Meter:
    """Counts work as it is done. `finished` is called once a frame."""

    def __init__(
        self, actor: str, pid: int, started_ns: int, losses: Losses, restarts: int = 0
    ) -> None:
        self._actor, self._stage = actor, actor.partition("-")[0]
        self._pid, self._started_ns, self._restarts = pid, started_ns, restarts
        self._done: deque[tuple[int, int]] = deque(maxlen=2000)  # when, how long after capture
        self.losses = losses
        self.state: State = "starting"
        self.detail = ""
        self.model = ""
        self.device = ""
        self.due_ms = DUE_MS

    def finished(self, captured_ns: int, now_ns: int) -> None:
        self._done.append((now_ns, now_ns - captured_ns))

    def health(self, now_ns: int, rss_bytes: int) -> Health:
        """The state of things; starts a new window for `lag`."""
        while self._done and self._done[0][0] < now_ns - WINDOW_NS:
            self._done.popleft()
        window_ns = min(WINDOW_NS, max(now_ns - self._started_ns, SECOND_NS // 2))
        latencies_ms = sorted(late_ns / 1e6 for _, late_ns in self._done)
        lag, self.losses.lag = self.losses.lag, 0
        return Health(
            actor=self._actor,
            stage=self._stage,
            pid=self._pid,
            state=self.state,
            detail=self.detail,
            uptime_s=round((now_ns - self._started_ns) / SECOND_NS, 1),
            fps=round(len(self._done) * SECOND_NS / window_ns, 1),
            latency_ms_p50=quantile(latencies_ms, 0.5),
            latency_ms_p99=quantile(latencies_ms, 0.99),
            restarts=self._restarts,
            lag=lag,
            dropped=self.losses.dropped,
            malformed=self.losses.malformed,
            rss_bytes=rss_bytes,
            model=self.model,
            device=self.device,
            due_ms=self.due_ms,
        )


def quantile(ordered: list[float], share: float) -> float | None:
    """Nearest-rank quantile of an ordered list, None for an empty one."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
