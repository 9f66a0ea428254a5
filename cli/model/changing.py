"""`retinue model activate|rollback|release|remove`: what a slot runs, and what may be run."""

from typing import Annotated

import typer

from actors.clock import moment
from actors.config import Config, Inference
from actors.store.record import Version
from actors.store.slot import Slot
from actors.store.store import Store
from actors.supervision.restarting import alive
from cli.model.arrival import served
from cli.model.naming import SlotName, Word, best, entry_of, named, only
from cli.model.waiting import wait
from cli.refusal import Refused
from cli.target import ConfigFile, running

NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until it publishes")]


def activate(
    version: Word, slot: SlotName = None, *, no_wait: NoWait = False, config: ConfigFile = None
) -> None:
    """Have a slot run a stored version; returns when it publishes, or says why it does not."""
    device = running(config)
    entry, store = entry_of(device, slot), Store(device.state)
    put(device, entry, store, best(named(store, version)), no_wait=no_wait)


def put(device: Config, entry: Inference, store: Store, chosen: Version, *, no_wait: bool) -> None:
    """Activate a version in an entry's slot, and say how it went."""
    after = store.activate(
        entry.name,
        chosen.digest,
        configured=entry.model,
        probation_s=device.models.probation_s,
        now=moment(),
    )
    _follow(device, entry, after, chosen.title, no_wait=no_wait)


def rollback(slot: SlotName = None, *, no_wait: NoWait = False, config: ConfigFile = None) -> None:
    """Have a slot run what it ran before, at last what the configuration names."""
    device = running(config)
    entry, store = entry_of(device, slot), Store(device.state)
    after = store.rollback(entry.name, moment())
    title = store.version(after.active).title if after.active else "what the configuration names"
    _follow(device, entry, after, title, no_wait=no_wait)


def release(version: Word, config: ConfigFile = None) -> None:
    """Let a quarantined version be activated again."""
    store = Store(running(config).state)
    found = named(store, version)
    barred = [each for each in found if each.quarantine]
    if not barred:
        raise Refused(f"{found[-1].title}: is not quarantined")
    chosen = only(barred, version)
    store.release(chosen.digest)
    typer.echo(f"released: {chosen.title}; `retinue model activate` runs it")


def remove(version: Word, config: ConfigFile = None) -> None:
    """Remove a stored version that no slot runs or may go back to."""
    store = Store(running(config).state)
    chosen = only(named(store, version), version)
    store.remove(chosen.digest)
    typer.echo(f"removed: {chosen.title}")


def _follow(device: Config, entry: Inference, slot: Slot, title: str, *, no_wait: bool) -> None:
    """To the end, if there is a device to follow it on."""
    if not alive(device, entry):
        typer.echo(f"slot {entry.name}: {title} is active from the next start on; nothing runs now")
    elif no_wait:
        typer.echo(f"slot {entry.name}: {title} is wanted; `retinue model status` says how it goes")
    else:
        told = served(wait(device, entry, slot))
        probation = f"; on probation for {device.models.probation_s:g} s" if not slot.good else ""
        typer.echo(f"slot {entry.name}: {told}{probation}")
