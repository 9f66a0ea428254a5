"""`retinue model status`: what each slot should run, and what its posts say that they do."""

from typing import Annotated

import msgspec
import typer

from actors.clock import moment
from actors.config import Config
from actors.store.reader import Reader
from actors.tenancy import holder_of, lock_path
from bus.messages import Post
from cli.listener import Listener
from cli.model.standing import Standing, lines, standing
from cli.target import ConfigFile, running

PATIENCE_S = 1.0


def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects")] = False,
    config: ConfigFile = None,
) -> None:
    """Show each slot: what it wants, what runs, on what it is on probation."""
    slots = look(running(config))
    if as_json:
        typer.echo(msgspec.json.encode(slots).decode())
        return
    for slot in slots:
        typer.echo("\n".join(lines(slot)))
    if not slots:
        typer.echo("no [[inference]] entry is configured, and no slot was ever changed")


def look(device: Config) -> list[Standing]:
    """Every slot of the configuration, and whatever else has one in the store."""
    reader, posts = Reader(device.state), listen(device)
    configured: dict[str, str | None] = {entry.name: entry.model for entry in device.inference}
    others = [name for name in reader.slots().by_name if name not in configured]
    return [
        standing(
            name,
            configured.get(name),
            reader.slot(name),
            posts.get(name, {}),
            lambda digest: reader.version(digest).title,
            moment(),
        )
        for name in (*configured, *others)
    ]


def listen(device: Config) -> dict[str, dict[str, Post]]:
    """The newest word of each living post, by entry and name: it is sent to whoever subscribes."""
    awaited = {
        (entry.name, post)
        for entry in device.inference
        for post in entry.posts
        if holder_of(lock_path(device.run, f"inference-{entry.name}-{post}"))
    }
    said: dict[str, dict[str, Post]] = {}
    if not awaited:
        return said
    with Listener(device.run, "posts/") as listener:
        for _, wire in listener.messages(PATIENCE_S):
            try:
                post = msgspec.msgpack.decode(wire, type=Post)
            except msgspec.MsgspecError:
                continue  # a stranger's: it is no post then
            said.setdefault(post.inference, {})[post.post] = post
            awaited.discard((post.inference, post.post))
            if not awaited:
                break
    return said
