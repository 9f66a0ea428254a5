"""`retinue start|stop|restart STAGE`, by supervisord."""

import os
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from actors.config import Config, Inference
from actors.process import STAGES, actor_names
from actors.store.store import Store
from cli.model.arrival import served
from cli.model.waiting import alive, wait
from cli.programs import processes
from cli.refusal import Refused
from cli.supervisor import Away, Supervisor
from cli.target import ConfigFile, running

PATIENCE_S = 10.0  # supervisord itself kills after stopwaitsecs
POLL_S = 0.05
UP = {"STARTING", "RUNNING", "BACKOFF"}
ENDED = {"STOPPED", "EXITED", "FATAL"}

Stage = Annotated[
    str, typer.Argument(help="An actor (camera-front), an entry (inference-NAME) or a stage")
]


def start(stage: Stage, config: ConfigFile = None) -> None:
    """Start an actor or a whole stage."""
    device = running(config)
    _apply(device, actors_named(device, stage), "started", [_start])


def stop(stage: Stage, config: ConfigFile = None) -> None:
    """Stop an actor or a whole stage; it stays down until started."""
    device = running(config)
    _apply(device, actors_named(device, stage), "stopped", [_stop])


def restart(stage: Stage, config: ConfigFile = None) -> None:
    """Stop and start an actor or a whole stage; a whole inference entry without a gap."""
    device = running(config)
    swapped = [entry for entry in entries_named(device, stage) if relievable(device, entry)]
    without_gap = [actor for entry in swapped for actor in posts_of(entry)]
    rest = [actor for actor in actors_named(device, stage) if actor not in without_gap]
    if rest:
        _apply(device, rest, "restarted", [_stop, _start])
    for entry in swapped:
        _swap(device, entry)


def actors_named(device: Config, wanted: str) -> list[str]:
    """The actors that a word means, or `Refused` with the words there are."""
    by_stage = {stage: actor_names(device, stage) for stage in STAGES}
    every = [actor for actors in by_stage.values() for actor in actors]
    by_entry = {f"inference-{entry.name}": posts_of(entry) for entry in device.inference}
    if wanted in every:
        return [wanted]
    if found := by_stage.get(wanted) or by_entry.get(wanted):
        return found
    stages = [stage for stage in STAGES if by_stage[stage]]
    words = ", ".join(dict.fromkeys([*stages, *by_entry, *every]))
    raise Refused(f"{wanted}: no such stage or actor; there are {words}", os.EX_USAGE)


def entries_named(device: Config, wanted: str) -> list[Inference]:
    """The inference entries that a word means as a whole, and not one process of them."""
    if wanted in actor_names(device, "inference"):
        return []
    return [e for e in device.inference if wanted in {"inference", f"inference-{e.name}"}]


def posts_of(entry: Inference) -> list[str]:
    """The actors of an inference entry."""
    return [f"inference-{entry.name}-{post}" for post in entry.posts]


def relievable(device: Config, entry: Inference) -> bool:
    """Whether one of its processes can take over from the other: not without any model."""
    has_model = entry.model or Store(device.state).slot(entry.name).slot.active
    return entry.swap == "takeover" and bool(has_model) and alive(device, entry)


Action = Callable[[Supervisor, list[str]], None]


def _apply(device: Config, actors: list[str], done: str, actions: list[Action]) -> None:
    _act(device, actors, actions)
    typer.echo(f"{done}: {', '.join(actors)}")


def _act(device: Config, actors: list[str], actions: list[Action]) -> None:
    names = processes(device)
    supervisor = Supervisor(device.run)
    try:
        for action in actions:
            action(supervisor, [names[actor] for actor in actors])
    except Away:
        raise Refused(f"nothing runs in {device.run}; start it with `retinue up`") from None


def _swap(device: Config, entry: Inference) -> None:
    """Have a process beside the running one load the same model and take over."""
    _act(device, posts_of(entry), [_start])  # somebody may have stopped one
    slot = Store(device.state).reload(entry.name)
    typer.echo(f"restarted: inference-{entry.name}: {served(wait(device, entry, slot))}")


def _start(supervisor: Supervisor, names: list[str]) -> None:
    told = supervisor.processes()
    for name in names:
        if _state(told, name) not in UP:
            supervisor.call("startProcess", name, False)  # noqa: FBT003 its wait is for startsecs


def _stop(supervisor: Supervisor, names: list[str]) -> None:
    told = supervisor.processes()
    for name in names:
        if _state(told, name) in UP:
            supervisor.call("stopProcess", name, False)  # noqa: FBT003 all first, then wait for all
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        told = supervisor.processes()  # each call also makes supervisord look at its children
        if all(_state(told, name) in ENDED for name in names):
            return
        time.sleep(POLL_S)
    left = [name for name in names if _state(told, name) not in ENDED]
    raise Refused(f"not ended within {PATIENCE_S:g} s: {', '.join(left)}; see `retinue ps`")


def _state(told: dict[str, dict[str, Any]], name: str) -> str:
    if name not in told:
        raise Refused(
            f"supervisord has no {name}: it was started with another configuration; name that "
            "with -c, or start `retinue up` again"
        )
    return str(told[name]["statename"])
