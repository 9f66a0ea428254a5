"""`retinue model status`: what each slot should run, and what its posts say that they do."""

from contextlib import suppress
from typing import Annotated, Any, NamedTuple

import msgspec
import typer

from actors.clock import moment
from actors.config import Config
from actors.store.reader import Reader
from actors.tenancy import holder_of, lock_path
from actors.wiring import models, posts
from bus.messages import Model, Post
from bus.topics import Topic
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
    reader, said = Reader(device.state), listen(device)
    configured: dict[str, str | None] = {entry.name: entry.model for entry in device.inference}
    others = [name for name in reader.slots().by_name if name not in configured]
    return [
        standing(
            name,
            configured.get(name),
            reader.slot(name),
            said.posts.get(name, {}),
            said.models.get(name),
            lambda digest: reader.version(digest).title,
            moment(),
        )
        for name in (*configured, *others)
    ]


class Said(NamedTuple):
    """The newest words, by entry."""

    posts: dict[str, dict[str, Post]]  # and by post
    models: dict[str, Model]


def listen(device: Config) -> Said:
    """Of every living process: its last word is sent again to whoever subscribes."""
    awaited, said = expected(device), Said({}, {})
    if not awaited:
        return said
    with Listener(device.run, "posts/", "models/") as listener:
        for topic, wire in listener.messages(PATIENCE_S):
            with suppress(msgspec.MsgspecError):  # a stranger's: it is neither then
                match msgspec.msgpack.decode(wire, type=Post | Model):
                    case Post() as post:
                        said.posts.setdefault(post.inference, {})[post.post] = post
                    case Model() as model:
                        said.models[model.inference] = model
                awaited.discard(topic)
            if not awaited:
                break
    return said


def expected(device: Config) -> set[str]:
    """The topics on which somebody living has said something."""

    def lives(actor: str) -> bool:
        return bool(holder_of(lock_path(device.run, actor)))

    topics: list[Topic[Any]] = [*posts(device), *models(device)]
    return {topic.name for topic in topics if lives(topic.owner)}
