"""Stops and starts actors through supervisord, and says which can be relieved without a gap."""

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
POLL_S = 0.05
UP = {"STARTING", "RUNNING", "BACKOFF"}
ENDED = {"STOPPED", "EXITED", "FATAL"}


class Unknown(SupervisionError):
    """supervisord has no such process."""


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

    def __init__(self, device: Config, giving_up: Event | None = None) -> None:
        """`giving_up`: do not wait any longer."""
        self._names, self._supervisor = processes(device), Supervisor(device.run)
        self._giving_up = giving_up or Event()

    def start(self, actors: list[str]) -> None:
        """Those that are not up."""
        told = self._supervisor.processes()
        for name in self._named(actors):
            if _state(told, name) not in UP:
                self._supervisor.call("startProcess", name, False)  # noqa: FBT003 its wait is for startsecs

    def stop(self, actors: list[str]) -> None:
        """Those that are up; returns when all have ended."""
        told, names = self._supervisor.processes(), self._named(actors)
        for name in names:
            if _state(told, name) in UP:
                self._supervisor.call("stopProcess", name, False)  # noqa: FBT003 all first, then wait for all
        end_ns = monotonic_ns() + int(PATIENCE_S * SECOND_NS)
        while monotonic_ns() < end_ns:
            told = self._supervisor.processes()  # also makes supervisord look at its children
            if all(_state(told, name) in ENDED for name in names):
                return
            if self._giving_up.wait(POLL_S):
                break
        left = [name for name in names if _state(told, name) not in ENDED]
        raise SupervisionError(
            f"not ended within {PATIENCE_S:g} s: {', '.join(left)}; see `retinue ps`"
        )

    def end(self, actor: str) -> None:
        """Have it end in its own time; supervisord starts it again by itself."""
        [name] = self._named([actor])
        self._supervisor.call("signalProcess", name, "TERM")

    def look(self, actors: list[str]) -> None:
        """Whether supervisord is there and knows them."""
        told = self._supervisor.processes()
        for name in self._named(actors):
            _state(told, name)

    def _named(self, actors: list[str]) -> list[str]:
        return [self._names[actor] for actor in actors]


def _state(told: dict[str, dict[str, Any]], name: str) -> str:
    if name not in told:
        raise Unknown(
            f"supervisord has no {name}, but {', '.join(told)}: it was started with another "
            "configuration; name that one, or start `retinue up` again"
        )
    return str(told[name]["statename"])
