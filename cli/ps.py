"""`retinue ps`: what every actor says of itself, and supervisord of those that say nothing."""

from typing import Annotated, Any

import msgspec
import typer

from actors.config import Config
from actors.process import everyone
from actors.supervision.programs import processes
from actors.supervision.supervisor import Away, SupervisionError, Supervisor
from actors.tenancy import holder_of, lock_path
from bus.messages import Health
from cli.listener import Listener
from cli.refusal import Refused
from cli.rows import Row, row_of
from cli.target import ConfigFile, running

PATIENCE_S = 1.0
WIDE = 400  # columns: a line too long is the terminal's to break, words are never cut
AsJson = Annotated[bool, typer.Option("--json", help="A list of objects")]


def ps(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show every actor; exit code 1 if none runs."""
    device = running(config)
    rows = look(device)
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
    if not any(row.pid for row in rows):
        raise nothing_runs(device)
    if not as_json:
        print_table(rows)


def nothing_runs(device: Config) -> Refused:
    """What a command says that needs a living actor and finds none."""
    return Refused(
        f"nothing runs in {device.run}; start it with `retinue up`, or name its "
        "configuration with -c"
    )


def look(device: Config) -> list[Row]:
    """All actors of the configuration, and whoever else holds a place in the run directory."""
    holders = holders_in(device)
    said = listen(device, {actor: pid for actor, pid in holders.items() if pid})
    told = supervised(device)
    return [
        row_of(actor, pid, said.get(actor), told.get(actor, {})) for actor, pid in holders.items()
    ]


def holders_in(device: Config) -> dict[str, int]:
    """The process of each actor of the configuration, 0 for none, and of whoever else is alive."""
    known = everyone(device)
    others = sorted({p.stem for p in device.run.glob("actors/*.lock")} - set(known))
    pids = {actor: holder_of(lock_path(device.run, actor)) for actor in [*known, *others]}
    return {actor: pid for actor, pid in pids.items() if pid or actor in known}


def listen(device: Config, alive: dict[str, int]) -> dict[str, Health]:
    """Each living actor's newest Health: publishers send it again to whoever subscribes."""
    said: dict[str, Health] = {}
    if not alive:
        return said
    with Listener(device.run, "health/") as listener:
        for _, wire in listener.messages(PATIENCE_S):
            try:
                health = msgspec.msgpack.decode(wire, type=Health)
            except msgspec.MsgspecError:
                continue  # a stranger's: it is no actor then
            if alive.get(health.actor) == health.pid:
                said[health.actor] = health
            if said.keys() == alive.keys():
                break
    return said


def supervised(device: Config) -> dict[str, dict[str, Any]]:
    """What supervisord says, by actor; nothing if it does not answer."""
    try:
        told = Supervisor(device.run).processes()
    except (Away, SupervisionError):  # it is not there, or about to end
        return {}
    return {actor: told[name] for actor, name in processes(device).items() if name in told}


def print_table(rows: list[Row]) -> None:
    """The whole table, with the longer words below it."""
    from rich.console import Console  # noqa: PLC0415 slow to import
    from rich.markup import escape  # noqa: PLC0415

    from cli.table import table_of  # noqa: PLC0415

    console = Console(width=WIDE, soft_wrap=True)
    console.print(table_of(rows))
    for row in rows:
        if row.detail:
            console.print(f"{row.actor}: {escape(row.detail)}", highlight=False)
