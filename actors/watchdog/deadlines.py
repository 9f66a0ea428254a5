"""Who hangs (pure): Health and lock holders in, the overdue out."""

from collections.abc import Mapping
from typing import NamedTuple

from bus.health import SECOND_NS
from bus.messages import Health

FIRST_HEALTH_S = 30  # a process that holds its lock this long without a Health hangs in its start
BLIND_NS = SECOND_NS  # not having looked for this long, it knows nothing of anybody


class Hung(NamedTuple):
    """A process to end, and why."""

    actor: str
    pid: int
    reason: str


class Deadlines:
    """What each actor's process was last heard to be doing."""

    def __init__(self) -> None:
        self._health: dict[str, Health] = {}
        self._held: dict[str, tuple[int, int]] = {}  # the holder, and since when it is known
        self._told: dict[str, int] = {}
        self._looked_ns = self._anew_ns = 0

    def heard(self, health: Health) -> None:
        self._health[health.actor] = health

    def overdue(self, holders: Mapping[str, int], now_ns: int) -> list[Hung]:
        """The holders that hang, each process once. To be asked more often than once a second:

        after a longer gap this process itself was stopped, or the whole device was, and all
        deadlines start anew.
        """
        if now_ns - self._looked_ns > BLIND_NS:
            self._anew_ns = now_ns
        self._looked_ns = now_ns
        hung = [self._judge(actor, pid, now_ns) for actor, pid in holders.items() if pid]
        fresh = [one for one in hung if one and self._told.get(one.actor) != one.pid]
        self._told |= {one.actor: one.pid for one in fresh}
        return fresh

    def _judge(self, actor: str, pid: int, now_ns: int) -> Hung | None:
        if self._held.get(actor, (0, 0))[0] != pid:
            self._held[actor] = pid, now_ns
        health = self._health.get(actor)
        if health and health.pid == pid:
            since_ns, due_ms = health.published_ns, health.due_ms
            what = f"no health for more than {due_ms} ms"
        else:
            since_ns, due_ms = self._held[actor][1], FIRST_HEALTH_S * 1000
            what = f"no health within {FIRST_HEALTH_S} s of its start"
        late = now_ns - max(since_ns, self._anew_ns) > due_ms * 1_000_000
        return Hung(actor, pid, what) if late else None
