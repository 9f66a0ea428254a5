"""Rows of the one table that all benchmarks fill (pure)."""

from collections.abc import Sequence
from typing import NamedTuple

HEAD = ("measure", "ours", "reference", "ratio", "bar", "met")


class Missing(Exception):
    """What this benchmark needs and this machine does not have."""


class Row(NamedTuple):
    """One measure. `met` is None where there is no bar, or nothing was measured."""

    measure: str
    ours: str
    reference: str = ""
    ratio: str = ""
    bar: str = "stated"
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = {True: "yes", False: "NO", None: "-"}[self.met]
        return (*self[:5], verdict)


def at_most(measure: str, ours: float, reference: float, unit: str, bar: float) -> Row:
    """A row whose bar is a highest ratio of ours to the reference."""
    ratio = ours / reference
    told = f"{ours:.3g} {unit}", f"{reference:.3g} {unit}", f"{ratio:.2f}"
    return Row(measure, *told, f"<= {bar:g}", ratio <= bar)


def at_least(measure: str, ours: float, reference: float, unit: str, bar: float) -> Row:
    """A row whose bar is a lowest ratio of ours to the reference."""
    ratio = ours / reference
    told = f"{ours:.3g} {unit}", f"{reference:.3g} {unit}", f"{ratio:.2f}"
    return Row(measure, *told, f">= {bar:g}", ratio >= bar)


def times_faster(measure: str, ours: float, reference: float, unit: str, bar: float) -> Row:
    """A row whose bar is how many times less ours takes than the reference."""
    ratio = reference / ours
    told = f"{ours:.3g} {unit}", f"{reference:.3g} {unit}", f"{ratio:.1f}x less"
    return Row(measure, *told, f">= {bar:g}x less", ratio >= bar)


def plain(rows: Sequence[Row]) -> str:
    """For a terminal: columns as wide as their widest cell."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
