"""Stops and starts actors through supervisord, and says which can be relieved without a gap."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event
from typing import Any, NamedTuple

from actors.clock import monotonic_ns
from actors.config import Config, Inference
from actors.store.store import Store
from actors.supervision.programs import processes
from actors.supervision.supervisor import SupervisionError, Supervisor
from actors.supervision.words import actors_named, entries_named, posts_of
from actors.tenancy import holder_of, lock_path

SECOND_NS = 1_000_000_000
PATIENCE_S = 10.0  # supervisord itself kills after stopwaitsecs
GRACE_S = 3.0  # before SIGKILL, as supervisord's stopwaitsecs
POLL_S = 0.05
NO_WAIT = False  # supervisord's own wait is for startsecs, or for one after the other
UP = {"STARTING", "RUNNING", "BACKOFF"}
ENDED = {"STOPPED", "EXITED", "FATAL"}


class Unknown(SupervisionError):
    """supervisord has no such process."""


class NotYet(SupervisionError):
    """What was to happen has not happened in time."""


class Plan(NamedTuple):
    """How what a word means is restarted: `stopped` and started, or `relieved` without a gap."""

    stopped: list[str]  # actors
    relieved: list[Inference]


def plan(device: Config, wanted: str) -> Plan:
    """`NoSuch` if the word means nothing."""
    actors = actors_named(device, wanted)
    relieved = [entry for entry in entries_named(device, wanted) if relievable(device, entry)]
    without_gap = {actor for entry in relieved for actor in posts_of(entry)}
    return Plan([actor for actor in actors if actor not in without_gap], relieved)


def alive(device: Config, entry: Inference) -> bool:
    """Whether a process of this entry runs."""
    return any(holder_of(lock_path(device.run, actor)) for actor in posts_of(entry))


def relievable(device: Config, entry: Inference) -> bool:
    """Whether one of its processes can take over from the other: not without any model."""
    has_model = entry.model or Store(device.state).slot(entry.name).slot.active
    return entry.swap == "takeover" and bool(has_model) and alive(device, entry)


class Programs:
    """A device's actors at its supervisord. All may raise `Away` and `SupervisionError`."""

    def __init__(self, device: Config, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._names, self._supervisor = processes(device), Supervisor(device.run)
        self._never = Event()

    def start(self, actors: list[str]) -> None:
        """Those that are not up."""
        told, names = self._look(actors)
        for name in names:
            if _state(told, name) not in UP:
                self._supervisor.call("startProcess", name, NO_WAIT)

    def stop(self, actors: list[str]) -> None:
        """Those that are up; returns when all have ended."""
        told, names = self._look(actors)
        for name in names:
            if _state(told, name) in UP:
                self._supervisor.call("stopProcess", name, NO_WAIT)
        left = self._until(names, lambda info: info["statename"] in ENDED)
        if left:
            raise NotYet(f"not ended within {PATIENCE_S:g} s: {', '.join(left)}; see `retinue ps`")

    def restart(self, actors: list[str]) -> None:
        """End those that are up, start the others; returns when all are up.

        supervisord by itself starts what ends: none stays down, whatever ends this process.
        """
        told, names = self._look(actors)
        before = {name: told[name]["pid"] for name in names}

        def is_new(info: Mapping[str, Any]) -> bool:
            return info["statename"] in UP and info["pid"] not in {0, before[_name(info)]}

        self.start([actor for actor in actors if not before[self._names[actor]]])
        self._end([name for name in names if before[name]], "TERM")
        left = self._until(names, is_new, self._grace_s)
        self._end([name for name in left if before[name]], "KILL")
        left = self._until(left, is_new, PATIENCE_S - self._grace_s)
        if left:
            raise NotYet(
                f"not up again within {PATIENCE_S:g} s: {', '.join(left)}; see `retinue ps`"
            )

    def end(self, actor: str) -> None:
        """Have it end in its own time, and be started again."""
        self._supervisor.call("signalProcess", self._names[actor], "TERM")

    def look(self, actors: list[str]) -> None:
        """Whether supervisord is there and knows them."""
        self._look(actors)

    def _look(self, actors: list[str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """What it says of each process, and the names of these."""
        told = self._supervisor.processes()
        names = [self._names[actor] for actor in actors]
        for name in names:
            _state(told, name)
        return told, names

    def _end(self, names: list[str], number: str) -> None:
        for name in names:
            with suppress(SupervisionError):  # it has ended meanwhile
                self._supervisor.call("signalProcess", name, number)

    def _until(
        self,
        names: list[str],
        done: Callable[[Mapping[str, Any]], bool],
        within_s: float = PATIENCE_S,
    ) -> list[str]:
        """Wait until all are done; those that are not."""
        end_ns, left = monotonic_ns() + int(within_s * SECOND_NS), names
        while left and monotonic_ns() < end_ns:
            told = self._supervisor.processes()  # also makes supervisord look at its children
            left = [name for name in left if name not in told or not done(told[name])]
            if left:
                self._never.wait(POLL_S)
        return left


def _name(info: Mapping[str, Any]) -> str:
    return f"{info['group']}:{info['name']}"


def _state(told: dict[str, dict[str, Any]], name: str) -> str:
    if name not in told:
        raise Unknown(
            f"supervisord has no {name}, but {', '.join(told)}: it was started with another "
            "configuration; name that one, or start `retinue up` again"
        )
    return str(told[name]["statename"])
