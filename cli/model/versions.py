"""Stored versions as people and scripts are shown them (pure)."""

import time
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from actors.store.record import Version
from actors.store.slot import Reading

HEADS = ("model", "family", "MB", "added", "on", "ms", "signed by", "slots", "digest", "")


class Row(Struct, frozen=True, kw_only=True):
    """One version. The names are an interface: others read the JSON."""

    digest: str
    name: str = ""
    version: str = ""
    family: str = ""
    bytes: int = 0
    added_utc_ns: int = 0
    device: str = ""  # at admission, as is the latency
    latency_ms: float | None = None
    signed_by: str = ""
    sealed: bool = False
    licence: str = ""
    source: str = ""
    active_in: tuple[str, ...] = ()  # slots
    previous_in: tuple[str, ...] = ()
    quarantined: str = ""  # why
    trouble: str = ""


def row_of(version: Version, slots: Mapping[str, Reading]) -> Row:
    digest, record, note = version.digest, version.record, version.quarantine
    row = Row(
        digest=digest,
        active_in=tuple(name for name, (slot, _) in slots.items() if slot.active == digest),
        previous_in=tuple(name for name, (slot, _) in slots.items() if slot.previous == digest),
        quarantined=note.reason if note else "",
        trouble=version.trouble,
    )
    if record is None:
        return row
    tried = record.admission
    return replace(
        row,
        name=record.name,
        version=record.version,
        family=record.family,
        bytes=record.bytes,
        added_utc_ns=record.added_utc_ns,
        device=tried.device if tried else "",
        latency_ms=tried.latency_ms_p50 if tried else None,
        signed_by=record.signed_by,
        sealed=record.sealed,
        licence=record.licence,
        source=record.source,
    )


def cells(row: Row) -> list[str]:
    """One line of the table; what must not be run says so at its end."""
    wrong = f"quarantined: {row.quarantined}" if row.quarantined else row.trouble
    signed_by = row.signed_by + (" sealed" if row.sealed else "")
    return [
        f"{row.name}@{row.version}" if row.name else "?",
        row.family,
        f"{row.bytes / 1e6:.1f}" if row.bytes else "",
        day(row.added_utc_ns),
        row.device,
        f"{row.latency_ms:.1f}" if row.latency_ms is not None else "",
        signed_by.strip(),
        ", ".join([*row.active_in, *(f"({name})" for name in row.previous_in)]),
        row.digest[:12],
        wrong,
    ]


def day(utc_ns: int) -> str:
    """Date and time of day where the viewer sits; nothing for never."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(utc_ns / 1e9)) if utc_ns else ""


def filled(lines: Iterable[list[str]]) -> list[int]:
    """The columns that say something in at least one line."""
    columns = zip(*lines, strict=True)
    return [at for at, column in enumerate(columns) if any(column)]
