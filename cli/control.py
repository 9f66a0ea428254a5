"""`retinue start|stop|restart STAGE`, by supervisord."""

import os
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from actors.config import Config
from actors.process import STAGES, actor_names
from cli.programs import processes
from cli.refusal import Refused
from cli.supervisor import Away, Supervisor
from cli.target import ConfigFile, running

PATIENCE_S = 10.0  # supervisord itself kills after stopwaitsecs
POLL_S = 0.05
UP = {"STARTING", "RUNNING", "BACKOFF"}
ENDED = {"STOPPED", "EXITED", "FATAL"}

Stage = Annotated[str, typer.Argument(help="An actor (camera-front) or all of a stage (camera)")]


def start(stage: Stage, config: ConfigFile = None) -> None:
    """Start an actor or a whole stage."""
    _apply(running(config), stage, "started", [_start])


def stop(stage: Stage, config: ConfigFile = None) -> None:
    """Stop an actor or a whole stage; it stays down until started."""
    _apply(running(config), stage, "stopped", [_stop])


def restart(stage: Stage, config: ConfigFile = None) -> None:
    """Stop and start an actor or a whole stage."""
    _apply(running(config), stage, "restarted", [_stop, _start])


def actors_named(device: Config, wanted: str) -> list[str]:
    """The actors that a word means, or `Refused` with the words there are."""
    by_stage = {stage: actor_names(device, stage) for stage in STAGES}
    every = [actor for actors in by_stage.values() for actor in actors]
    if wanted in every:
        return [wanted]
    if by_stage.get(wanted):
        return by_stage[wanted]
    words = ", ".join(dict.fromkeys([*(stage for stage in STAGES if by_stage[stage]), *every]))
    raise Refused(f"{wanted}: no such stage or actor; there are {words}", os.EX_USAGE)


Action = Callable[[Supervisor, list[str]], None]


def _apply(device: Config, stage: str, done: str, actions: list[Action]) -> None:
    actors = actors_named(device, stage)
    names = processes(device)
    supervisor = Supervisor(device.run)
    try:
        for action in actions:
            action(supervisor, [names[actor] for actor in actors])
    except Away:
        raise Refused(f"nothing runs in {device.run}; start it with `retinue up`") from None
    typer.echo(f"{done}: {', '.join(actors)}")


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
