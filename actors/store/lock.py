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
        _make_root(disk, layout.root)
        owner = disk.owner(layout.root)
        if owner != os.getuid():
            raise StoreError(
                f"{layout.root}: belongs to user {owner}, not {os.getuid()}; do this as that user"
            )
        with disk.locked(layout.lock):
            _make_rooms(disk, layout)
            for room in (layout.records, layout.slots, layout.quarantine):
                disk.sync(room)
            yield


def _make_root(disk: Disk, root: Path) -> None:
    """With all that is missing above it. What a folder is made in was made to last before."""
    missing = [path for path in (root, *root.parents) if disk.status(path) is None]
    for path in reversed(missing):
        with suppress(PermissionError):  # where we may not look we have made nothing
            disk.sync(path.parent.parent)
        with suppress(FileExistsError):
            disk.make_folder(path)


def _make_rooms(disk: Disk, layout: Layout) -> None:
    """`staging` comes last: where it is, all else is there to stay, whoever made it."""
    rooms = [layout.packages, layout.records, layout.slots, layout.quarantine, layout.staging]
    missing = [room for room in rooms if disk.status(room) is None]
    for room in missing:
        if room == layout.staging:
            disk.sync(layout.root)
            disk.sync(layout.root.parent)
        disk.make_folder(room)
    if missing and missing[-1] != layout.staging:
        disk.sync(layout.root)
