"""Which of one camera's pictures are kept, and why (pure: time is when they were captured).

By time, one an interval, the first at once; also one on which nothing was seen, other than Azure
Percept did it: what a model misses is what it has to learn. By what was seen, at most one in
`pace_ns`, whatever the last was kept for.
"""

from collections.abc import Iterable
from typing import NamedTuple

from actors.agreement import agreement
from actors.collect.sidecar import Reason
from actors.config import Camera, Collect, Config
from actors.settings import Settings
from bus.health import SECOND_NS
from bus.messages import Result


class Rules(NamedTuple):
    """What a picture is kept for."""

    interval_ns: int = 0  # 0: not by time
    borderline: tuple[float, float] | None = None
    labels: frozenset[str] = frozenset()
    disagreement: float | None = None
    pace_ns: int = 0


def collected(config: Config) -> list[Camera]:
    """The cameras of which pictures may be kept."""
    names = config.collect.cameras
    return [camera for camera in config.camera if not names or camera.name in names]


def rules_of(config: Collect, settings: Settings) -> Rules | None:
    """None: nothing is collected. What is wanted of the running device goes before its file."""
    if not (config.enabled if settings.collect is None else settings.collect):
        return None
    wanted_s = settings.collect_interval_s
    interval_s = config.interval_s if wanted_s is None else wanted_s
    return Rules(
        int(interval_s * SECOND_NS),
        config.borderline,
        frozenset(config.labels),
        config.disagreement,
        int(config.pace_s * SECOND_NS),
    )


def told_by(rules: Rules, result: Result, others: Iterable[Result]) -> tuple[Reason, ...]:
    """What a result has in it that makes its picture worth keeping; `others` are of the same
    picture."""
    reasons: list[Reason] = []
    if rules.borderline:
        low, high = rules.borderline
        if any(low <= box.score <= high for box in result.boxes):
            reasons.append("borderline")
    if any(box.label in rules.labels for box in result.boxes):
        reasons.append("label")
    least = rules.disagreement
    if least is not None and any(agreement(result.boxes, o.boxes) < least for o in others):
        reasons.append("disagreement")
    return tuple(reasons)


class Choice:
    """When one camera's last pictures were taken."""

    def __init__(self) -> None:
        self._by_time_ns: int | None = None
        self._taken_ns: int | None = None

    def resume(self, by_time_ns: int) -> None:
        """When the last one by time was taken, before this process began."""
        self._by_time_ns = by_time_ns

    def reasons(
        self, rules: Rules, told: tuple[Reason, ...], captured_ns: int
    ) -> tuple[Reason, ...]:
        """Why this picture is to be kept; none: it is not."""
        if rules.interval_ns and _over(self._by_time_ns, rules.interval_ns, captured_ns):
            return ("interval", *told)
        return told if _over(self._taken_ns, rules.pace_ns, captured_ns) else ()

    def taken(self, reasons: tuple[Reason, ...], captured_ns: int) -> None:
        if "interval" in reasons:
            self._by_time_ns = captured_ns
        self._taken_ns = captured_ns


def _over(since_ns: int | None, least_ns: int, now_ns: int) -> bool:
    return since_ns is None or now_ns - since_ns >= least_ns
