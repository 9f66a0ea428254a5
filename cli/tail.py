"""`retinue tail`: messages as they come."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from cli.listener import Listener, prefix_of
from cli.target import ConfigFile, running


def tail(
    topic: Annotated[str, typer.Argument(help="frames/front, results, health … or / for all")],
    count: Annotated[int | None, typer.Option("-n", min=1, help="End after so many")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line")] = False,
    config: ConfigFile = None,
) -> None:
    """Print what is published under a topic, until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        show(running(config).run, topic, count, as_json=as_json)


def show(run_dir: Path, topic: str, count: int | None, *, as_json: bool) -> None:
    shown = 0
    with Listener(run_dir, prefix_of(topic)) as listener:
        if not listener.publishers:
            typer.echo(f"nothing runs in {run_dir} yet: waiting", err=True)
        for name, wire in listener.messages():
            try:
                fields = msgspec.msgpack.decode(wire, type=dict[str, Any])
            except msgspec.MsgspecError as error:
                typer.echo(f"{name}: unreadable message: {error}", err=True)
                continue
            typer.echo(line(name, fields, as_json=as_json))
            shown += 1
            if shown == count:
                return


def line(topic: str, fields: dict[str, Any], *, as_json: bool) -> str:
    """One message on one line."""
    if as_json:
        return msgspec.json.encode({"topic": topic, **fields}).decode()
    ordered = {"seq": fields.pop("seq", None), **fields}
    ordered.pop("kind", None)
    return f"{topic} " + " ".join(f"{name}={_brief(value)}" for name, value in ordered.items())


def _brief(value: Any) -> str:
    match value:
        case float():
            return f"{value:.4g}"
        case dict():
            return "{" + " ".join(f"{name}={_brief(part)}" for name, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_brief, value)) + "]"
        case _:
            return str(value)
