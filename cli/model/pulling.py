"""`retinue model pull`: a package from anywhere into the store, and if wanted into a slot."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from actors.config import Config, Inference
from actors.models.catalogue import find
from actors.models.remote import FetchError, Stopped
from actors.store.record import Record, title
from actors.store.source import Local, Source, SourceError, parse
from actors.store.store import Store
from cli.bar import Bar
from cli.check import exists
from cli.model.changing import NoWait, put
from cli.model.naming import SlotName, entry_of
from cli.model.waiting import INTERRUPTED
from cli.refusal import Refused
from cli.target import ConfigFile, running

Wanted = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A name of the catalogue, a path, https://…")
]


def pull(
    source: Wanted,
    slot: SlotName = None,
    *,
    activate: Annotated[bool, typer.Option("--activate", help="And have the slot run it")] = False,
    no_wait: NoWait = False,
    config: ConfigFile = None,
) -> None:
    """Fetch a package, try it apart from all that runs, and store it. Ctrl-C: go on later."""
    device, wanted = running(config), source_of(source)
    several = len(device.inference) != 1 and not activate and slot is None
    entry = None if several else entry_of(device, slot)
    record = fetched(wanted, device, entry)
    typer.echo(summary(record))
    if activate and entry:
        store = Store(device.state)
        put(device, entry, store, store.version(record.digest), no_wait=no_wait)
    else:
        typer.echo(f"run it with `retinue model activate {record.name}@{record.version}`")


def source_of(text: str) -> Source:
    """What is no address and is not there is taken for a name of the catalogue."""
    try:
        source = parse(text)
        if isinstance(source, Local) and "/" not in text and not exists(source.path):
            find(text.partition("@")[0])
            return parse(f"catalogue:{text}")
    except SourceError as error:
        raise Refused(str(error), os.EX_USAGE) from None
    except FetchError as error:
        raise Refused(f"no such file or folder in {Path.cwd()}, and {error}") from None
    return source


def fetched(source: Source, device: Config, entry: Inference | None) -> Record:
    """Installed, with a bar to follow."""
    from actors.models import progress  # noqa: PLC0415 what it needs takes its time
    from actors.models.installing import install  # noqa: PLC0415

    bar = Bar(sys.stderr)

    def tell(told: progress.Progress) -> None:
        step = told.phase if told.doing == told.phase else f"{told.phase}: {told.doing}"
        what = step + (f" ({told.reason})" if told.reason else "")
        bar.show(what, told.done_bytes, told.total_bytes, told.rate_bytes_s)

    with stopping() as stop:
        try:
            return install(source, device, entry, stop=stop, tell=tell)
        except (Stopped, progress.Refused, FetchError) as error:
            if stop.is_set():  # Ctrl-C also ends the process that tries the package
                raise Refused(
                    "stopped; what has come is kept, and the same command goes on with it",
                    INTERRUPTED,
                ) from None
            raise Refused(str(error)) from None
        finally:
            bar.end()


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM, for as long as the block lasts."""
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def summary(record: Record) -> str:
    told = [f"{title(record.digest, record)}: {record.family}"]
    if record.admission:
        tried = record.admission
        told.append(f"{tried.latency_ms_p50:.1f} ms on {tried.device}")
        told += tried.notes
    told.append(f"signed by {record.signed_by}" if record.signed_by else "not signed")
    return "stored: " + ", ".join(told)
