"""`retinue start|stop|restart STAGE`, by supervisord."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from actors.config import Config, Inference
from actors.store.store import Store
from actors.supervision.restarting import Programs, plan
from actors.supervision.supervisor import Away
from actors.supervision.words import NoSuch, actors_named, posts_of
from cli.model.arrival import served
from cli.model.waiting import wait
from cli.refusal import Refused
from cli.target import ConfigFile, running

Stage = Annotated[
    str, typer.Argument(help="An actor (camera-front), an entry (inference-NAME) or a stage")
]


def start(stage: Stage, config: ConfigFile = None) -> None:
    """Start an actor or a whole stage."""
    device = running(config)
    with _told(device):
        actors = actors_named(device, stage)
        Programs(device).start(actors)
    typer.echo(f"started: {', '.join(actors)}")


def stop(stage: Stage, config: ConfigFile = None) -> None:
    """Stop an actor or a whole stage; it stays down until started."""
    device = running(config)
    with _told(device):
        actors = actors_named(device, stage)
        Programs(device).stop(actors)
    typer.echo(f"stopped: {', '.join(actors)}")


def restart(stage: Stage, config: ConfigFile = None) -> None:
    """Stop and start an actor or a whole stage; a whole inference entry without a gap."""
    device = running(config)
    with _told(device):
        stopped, relieved = plan(device, stage)
        programs = Programs(device)
        if stopped:
            programs.restart(stopped)
            typer.echo(f"restarted: {', '.join(stopped)}")
        for entry in relieved:
            _relieve(device, programs, entry)


def _relieve(device: Config, programs: Programs, entry: Inference) -> None:
    """Have a process beside the running one load the same model and take over."""
    programs.start(posts_of(entry))  # somebody may have stopped one
    slot = Store(device.state).reload(entry.name)
    typer.echo(f"restarted: inference-{entry.name}: {served(wait(device, entry, slot))}")


@contextmanager
def _told(device: Config) -> Iterator[None]:
    """What is asked for that there is not."""
    try:
        yield
    except NoSuch as error:
        raise Refused(str(error), os.EX_USAGE) from None
    except Away:
        raise Refused(f"nothing runs in {device.run}; start it with `retinue up`") from None
