"""How the last installation for a slot ended, whoever asked for it: `outcomes/<slot>.json`."""

from pathlib import Path

from msgspec import Struct

from actors.store import documents
from actors.store.disk import Disk
from actors.store.layout import Layout
from actors.store.lock import locked


class Outcome(Struct, frozen=True):
    """`source` and `reason` are fit to be shown."""

    ended_utc_ns: int
    source: str
    reason: str = ""  # why nothing was installed; "": it was
    name: str = ""
    version: str = ""
    digest: str = ""


def outcome_path(layout: Layout, slot: str) -> Path:
    return layout.root / "outcomes" / layout.slot(slot).name


def record_outcome(layout: Layout, slot: str, outcome: Outcome, disk: Disk | None = None) -> None:
    """Raises `StoreError`."""
    disk = disk or Disk()
    path = outcome_path(layout, slot)
    with locked(disk, layout):
        if disk.status(path.parent) is None:
            disk.make_folder(path.parent)
            disk.sync(layout.root)
        documents.replace(disk, path, outcome)
