"""What nobody will miss: left by processes that were ended, or by a power cut.

To be asked while the store is locked, as what a living writer has in hand looks the same.
"""

import stat
from pathlib import Path

from actors.store.disk import Disk
from actors.store.layout import SPARE, Layout, is_digest


def garbage(disk: Disk, layout: Layout) -> list[Path]:
    """Raises `OSError`."""
    staged = [layout.staging / name for name in disk.names(layout.staging)]
    packages = [layout.package(name) for name in disk.names(layout.packages) if is_digest(name)]
    folders = (layout.records, layout.slots, layout.quarantine)
    written = [folder / name for folder in folders for name in disk.names(folder)]
    return [
        *(path for path in staged if not _in_hand(disk, path)),
        *(path for path in packages if disk.status(layout.record(path.name)) is None),
        *(path for path in written if path.name.endswith(SPARE)),
    ]


def _in_hand(disk: Disk, staging: Path) -> bool:
    """Whether its maker lives."""
    status = disk.status(staging)
    is_folder = status is not None and stat.S_ISDIR(status.st_mode)
    return is_folder and disk.is_locked(staging / "lock")
