"""Actors as a table (pure)."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from cli.rows import Row

COLOURS = {
    "running": "green",
    "standby": "dim",
    "starting": "yellow",
    "degraded": "yellow",
    "stopping": "yellow",
}
ALARM = "red"
LEFT = {"actor", "state", "model", "device"}
HEADS = (
    *("actor", "pid", "state", "up", "restarts", "fps", "p50/p99 ms"),
    *("lag", "dropped", "MB", "model", "device"),
)
# Left out first when it gets narrow. Actor and state always stay.
LEAST_NEEDED = ("MB", "up", "model", "pid", "lag", "dropped", "device", "restarts", "p50/p99 ms")
GAP = 2


def table_of(rows: Sequence[Row], width: int | None = None) -> Table:
    """One line an actor in its state's colour: the columns that say something.

    With a `width` those that fit, also empty ones: what is drawn again and again stays in place.
    """
    cells = [_cells(row) for row in rows]
    if width is None:
        used = [at for at in range(len(HEADS)) if any(line[at] for line in cells)]
    else:
        used = _fitting(cells, width)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for at in used:
        table.add_column(HEADS[at], justify="left" if HEADS[at] in LEFT else "right", no_wrap=True)
    for row, line in zip(rows, cells, strict=True):
        shown = [escape(line[at]) for at in used]
        table.add_row(*shown, style=COLOURS.get(row.state, ALARM))
    return table


def _fitting(cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """The columns that remain once the least needed have made room."""
    taken = {
        head: GAP + max(cell_len(words) for words in (head, *(line[at] for line in cells)))
        for at, head in enumerate(HEADS)
    }
    for head in LEAST_NEEDED:
        if sum(taken.values()) - GAP <= width:
            break
        del taken[head]
    return [at for at, head in enumerate(HEADS) if head in taken]


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
