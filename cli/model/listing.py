"""`retinue model list`: what the store holds, or what the catalogue offers."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from actors.models.catalogue import Entry, available
from actors.store.reader import Reader
from cli.model.versions import HEADS, cells, filled, row_of
from cli.ps import WIDE
from cli.target import ConfigFile, running

NUMBERS = {"MB", "ms"}
OFFERED = ("network", "family", "task", "MB", "precision", "licence", "needs")

AsJson = Annotated[bool, typer.Option("--json", help="A list of objects")]


class Offer(msgspec.Struct, frozen=True):
    """One network of the catalogue. The names are an interface: others read the JSON."""

    name: str
    family: str
    task: str
    bytes: int
    precision: str  # that is taken if none is named
    precisions: tuple[str, ...]
    licence: str
    needs: str  # what must be done to it first, or ""


def list_models(
    *,
    offered: Annotated[
        bool, typer.Option("--available", help="What can be pulled by name")
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show the stored versions; slots in brackets go back to one, the others run it."""
    if offered:
        _show_offers([offer_of(entry) for entry in available()], as_json=as_json)
        return
    reader = Reader(running(config).state)
    listing, slots = reader.versions(), reader.slots()
    rows = [row_of(version, slots.by_name) for version in listing.versions]
    for trouble in (*listing.troubles, *slots.troubles):
        typer.echo(f"warning: {trouble}", err=True)
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
    elif rows:
        print_table(HEADS, [cells(row) for row in rows])
    else:
        typer.echo(f"no versions in {reader.layout.root}; `retinue model pull` fetches one")


def offer_of(entry: Entry) -> Offer:
    variant = entry.precisions[entry.default]
    return Offer(
        entry.name,
        entry.family,
        entry.task,
        variant.size_bytes,
        entry.default,
        tuple(name for name in entry.precisions if name not in entry.unsound),
        entry.licence,
        entry.needs,
    )


def print_table(heads: Sequence[str], lines: list[list[str]]) -> None:
    """The columns that say something; a line too long is the terminal's to break."""
    from rich.console import Console  # noqa: PLC0415 slow to import
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    used = filled(lines)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for at in used:
        justify = "right" if heads[at] in NUMBERS else "left"
        table.add_column(heads[at], justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for line in lines:
        table.add_row(*(escape(line[at]) for at in used))
    Console(width=WIDE, soft_wrap=True, highlight=False).print(table)


def _show_offers(offers: list[Offer], *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(offers).decode())
        return
    lines = [
        [o.name, o.family, o.task, f"{o.bytes / 1e6:.1f}", o.precision, o.licence, o.needs]
        for o in offers
    ]
    print_table(OFFERED, lines)
