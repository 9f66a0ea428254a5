"""What a viewer knows of a device (pure): folded from messages, locks and time."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from bus.health import SECOND_NS
from bus.messages import DUE_MS, Health, Message, Result, Tick
from cli.rows import Row, row_of

EVENTS = 100  # kept
MS_NS = 1_000_000

Told = Mapping[str, dict[str, Any]]


class Event(NamedTuple):
    """Something happened to an actor."""

    at_utc_ns: int
    actor: str
    state: str  # the actor's since then
    what: str


class Looker(NamedTuple):
    """An inference entry that should look at a camera."""

    camera: str
    inference: str


class Board:
    """Time comes in as Tick: give one before the rest. `events` has the newest first."""

    def __init__(self, lookers: Iterable[Looker]) -> None:
        self.now = Tick(now_ns=0)
        self.results: dict[Looker, Result | None] = dict.fromkeys(lookers)
        self.events: deque[Event] = deque(maxlen=EVENTS)
        self.holders: dict[str, int] = {}
        self._told: Told = {}
        self._said: dict[str, Health] = {}
        self._settled: dict[str, Health] = {}  # the last words that were not "starting"
        self._found_ns: dict[str, int] = {}  # when an actor's present process was first found
        self._ended_ns: dict[str, int] = {}  # when the one before it ended
        self._dead: dict[str, int] = {}  # that one; its last words may come after its end
        self._silent: set[str] = set()

    def seen(self, message: Message) -> None:
        match message:
            case Tick():
                self.now = message
            case Result(camera=camera, inference=inference):
                self.results[Looker(camera, inference)] = message
            case Health(actor=actor, pid=pid) if pid != self._dead.get(actor):
                if pid != self.holders.get(actor, pid):
                    self._hold(actor, pid)  # its message was faster than the look at its lock
                self._hear(message)

    def found(self, holders: Mapping[str, int], told: Told) -> None:
        """Who holds which actor's lock, 0 for nobody; what supervisord says of each, if asked."""
        self._told = told
        for actor in [*(self.holders.keys() - holders.keys()), *holders]:
            self._hold(actor, holders.get(actor, 0))
        self.holders = dict(holders)
        silent = {row.actor for row in self.rows() if row.state == "silent"}
        for actor in sorted(silent - self._silent):
            self._note(actor, "silent", "says nothing any more")
        self._silent = silent

    def rows(self) -> list[Row]:
        return [self._row(actor, pid) for actor, pid in self.holders.items()]

    def age_s(self, result: Result) -> float:
        """How long ago the frame was captured on which this was seen."""
        return max(0, self.now.now_ns - result.captured_ns) / SECOND_NS

    def _row(self, actor: str, pid: int) -> Row:
        health = self._said.get(actor)
        told = self._told.get(actor, {})
        if not health or health.pid != pid:
            young = self.now.now_ns - self._found_ns.get(actor, 0) < DUE_MS * MS_NS
            if pid and young:
                return Row(actor=actor, pid=pid, state="starting")
            return row_of(actor, pid, None, told)
        overdue = self.now.now_ns - health.published_ns > health.due_ms * MS_NS
        return row_of(actor, pid, None if overdue else health, told)

    def _hold(self, actor: str, pid: int) -> None:
        before = self.holders.get(actor, 0)
        if pid == before:
            return
        self.holders[actor] = pid
        self._found_ns[actor] = self.now.now_ns
        if before:
            self._ended_ns[actor], self._dead[actor] = self.now.now_ns, before
            self._note(actor, "ended", f"ended (process {before})")

    def _hear(self, health: Health) -> None:
        """Note what a viewer would miss. Starting is on the way to something, and no event."""
        actor = health.actor
        first = actor not in self._said
        self._said[actor] = health
        if health.state == "starting":
            return
        before, self._settled[actor] = self._settled.get(actor), health
        if not first and (before is None or _standing(before) != _standing(health)):
            self._note(actor, health.state, self._change(before, health))

    def _change(self, before: Health | None, after: Health) -> str:
        what: str = after.state
        ended_ns = self._ended_ns.pop(after.actor, None)
        if ended_ns is not None:
            away_s = (self.now.now_ns - ended_ns) / SECOND_NS
            what += f", {away_s:.1f} s after its end (process {after.pid})"
        if after.model and (not before or before.model != after.model):
            what += f", {after.model}"
        if after.device and (not before or before.device != after.device):
            what += f" on {after.device}"
        return f"{what}: {after.detail}" if after.state == "degraded" and after.detail else what

    def _note(self, actor: str, state: str, what: str) -> None:
        self.events.appendleft(Event(self.now.now_utc_ns, actor, state, " ".join(what.split())))


def _standing(health: Health) -> tuple[int, str, str, str]:
    return health.pid, health.state, health.model, health.device
