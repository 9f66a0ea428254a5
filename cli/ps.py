"""`retinue ps`: what every actor says of itself, and supervisord of those that say nothing."""

from typing import Annotated, Any

import msgspec
import typer

from actors.config import Config
from actors.process import everyone
from actors.tenancy import holder_of, lock_path
from bus.messages import Health
from cli.listener import Listener
from cli.programs import processes
from cli.refusal import BAD_CONFIG, Refused
from cli.supervisor import Away, Supervisor
from cli.target import ConfigFile, running

PATIENCE_S = 1.0
AsJson = Annotated[bool, typer.Option("--json", help="A list of objects")]


class LatencyMs(msgspec.Struct, frozen=True):
    """Capture to finished, over the last beats."""

    p50: float | None = None
    p99: float | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One actor. The names are an interface: others read the JSON."""

    actor: str
    pid: int = 0
    state: str  # the actor's own, else silent, stopped, exited, fatal, starting …
    uptime_s: float = 0.0
    restarts: int = 0
    fps: float = 0.0
    latency_ms: LatencyMs = LatencyMs()
    lag: int = 0
    dropped: int = 0
    model: str = ""
    device: str = ""
    detail: str = ""
    rss_bytes: int = 0


def ps(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show every actor; exit code 1 if none runs."""
    device = running(config)
    rows = look(device)
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
    if not any(row.pid for row in rows):
        raise Refused(
            f"nothing runs in {device.run}; start it with `retinue up`, or name its "
            "configuration with -c"
        )
    if not as_json:
        _print_table(rows)


def look(device: Config) -> list[Row]:
    """All actors of the configuration, and whoever else holds a place in the run directory."""
    known = everyone(device)
    others = sorted({p.stem for p in device.run.glob("actors/*.lock")} - set(known))
    holders = {actor: holder_of(lock_path(device.run, actor)) for actor in [*known, *others]}
    alive = {actor: pid for actor, pid in holders.items() if pid}
    said = listen(device, alive)
    told = supervised(device)
    return [
        row_of(actor, holders[actor], said.get(actor), told.get(actor, {}))
        for actor in [*known, *(actor for actor in others if actor in alive)]
    ]


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
    except Away:
        return {}
    return {actor: told[name] for actor, name in processes(device).items() if name in told}


def row_of(actor: str, pid: int, health: Health | None, told: dict[str, Any]) -> Row:
    """Its own words, else supervisord's, else what its lock tells."""
    if health is None:
        state, detail = _for_it(pid, told)
        return Row(actor=actor, pid=pid, state=state, detail=detail)
    return Row(
        actor=actor,
        pid=pid,
        state=health.state,
        uptime_s=health.uptime_s,
        restarts=health.restarts,
        fps=health.fps,
        latency_ms=LatencyMs(health.latency_ms_p50, health.latency_ms_p99),
        lag=health.lag,
        dropped=health.dropped,
        model=health.model,
        device=health.device,
        detail=health.detail,
        rss_bytes=health.rss_bytes,
    )


def _for_it(pid: int, told: dict[str, Any]) -> tuple[str, str]:
    """State and detail of an actor that says nothing."""
    state = str(told.get("statename", "STOPPED")).lower()
    if pid:
        return "silent", f"holds its lock but sends no health (supervisord: {state})"
    if state == "exited" and told["exitstatus"] == BAD_CONFIG:
        return state, "bad configuration (exit 78): its last log line names the key"
    if state == "running":  # alive, and not yet so far as to take its lock
        return "starting", ""
    return state, str(told.get("spawnerr", ""))


COLOURS = {"running": "green", "starting": "yellow", "degraded": "yellow", "stopping": "yellow"}
LEFT = {"actor", "state", "model", "device"}
HEADS = (
    *("actor", "pid", "state", "up", "restarts", "fps", "p50/p99 ms"),
    *("lag", "dropped", "MB", "model", "device"),
)
WIDE = 400  # columns: a line too long is the terminal's to break, words are never cut


def _print_table(rows: list[Row]) -> None:
    """A narrow table, with the longer words below it."""
    from rich.console import Console  # noqa: PLC0415 slow to import
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    cells = [_cells(row) for row in rows]
    used = [at for at in range(len(HEADS)) if any(line[at] for line in cells)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for at in used:
        table.add_column(HEADS[at], justify="left" if HEADS[at] in LEFT else "right", no_wrap=True)
    for row, line in zip(rows, cells, strict=True):
        shown = [escape(line[at]) for at in used]
        table.add_row(*shown, style=COLOURS.get(row.state, "red"))
    console = Console(width=WIDE, soft_wrap=True)
    console.print(table)
    for row in rows:
        if row.detail:
            console.print(f"{row.actor}: {escape(row.detail)}", highlight=False)


def _cells(row: Row) -> list[str]:
    p50, p99 = row.latency_ms.p50, row.latency_ms.p99
    return [
        row.actor,
        str(row.pid or ""),
        row.state,
        f"{row.uptime_s:.0f} s" if row.uptime_s else "",
        str(row.restarts or ""),
        f"{row.fps:.1f}" if row.fps else "",
        f"{p50:.1f}/{p99:.1f}" if p50 is not None and p99 is not None else "",
        str(row.lag or ""),
        str(row.dropped or ""),
        f"{row.rss_bytes / 1e6:.0f}" if row.rss_bytes else "",
        row.model,
        row.device,
    ]
