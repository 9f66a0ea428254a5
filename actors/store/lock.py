"""One writer at a time, in folders that are there, are its own, and outlast a power cut.

What the writer before it did, who may have been killed since, is made durable first: nobody
builds on what a power cut could still undo.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from actors.store.disk import Disk
from actors.store.layout import Layout
from actors.store.trouble import StoreError, explained

BLOCK_BYTES = 4096  # about what a new folder takes


@contextmanager
def locked(disk: Disk, layout: Layout) -> Iterator[None]:
    """Hold the store. What the system refuses inside, too, becomes a `StoreError`."""
    with explained(disk, layout.root, BLOCK_BYTES):
        _make(disk, [*reversed(layout.root.parents), layout.root])
        owner = disk.owner(layout.root)
        if owner != os.getuid():
            raise StoreError(
                f"{layout.root}: belongs to user {owner}, not {os.getuid()}; do this as that user"
            )
        with disk.locked(layout.lock):
            counting = [layout.records, layout.slots, layout.quarantine]
            _make(disk, [*counting, layout.packages, layout.staging])
            for folder in (layout.root, *counting):
                disk.sync(folder)
            yield


def _make(disk: Disk, folders: list[Path]) -> None:
    """Those that are missing. The name of what another is made in is made to last before."""
    for folder in [folder for folder in folders if disk.status(folder) is None]:
        with suppress(PermissionError):  # where we may not look we have made nothing
            disk.sync(folder.parent.parent)
        with suppress(FileExistsError):
            disk.make_folder(folder)
