"""Where downloads wait to be gone on with: `$STATE/models/downloads/`, a folder for each resource.

One download at a time: who holds `lock` fetches, and no other process touches the folders. What is
whole is moved out; what cannot be gone on with is removed; of the rest the newest are kept.
"""

import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.models.remote import Stopped, Unreachable

MOST_FOLDERS = 4
LOOK_S = 0.2


@contextmanager
def folder_of(
    root: Path, resource: str, most_bytes: int, stop: threading.Event, wait: Callable[[], None]
) -> Iterator[Path]:
    """The resource's folder, for this process alone. It stays if the block ends for now only.

    `wait` is called once if another process is fetching.
    """
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = place_of(root, resource)
    fd = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _hold(fd, stop, wait)
        clean(root, folder, most_bytes)
        folder.mkdir(mode=0o700, exist_ok=True)
        keep = False
        try:
            yield folder
        except (Unreachable, Stopped):
            keep = True
            raise
        finally:
            if not keep:
                shutil.rmtree(folder)
    finally:
        os.close(fd)


def place_of(root: Path, resource: str) -> Path:
    return root / hashlib.sha256(resource.encode()).hexdigest()[:32]


def clean(root: Path, folder: Path, most_bytes: int) -> None:
    """Remove the oldest folders, so that a few stay with so many bytes; `folder` always does."""
    others = [path for path in root.iterdir() if path.is_dir() and path != folder]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    kept_bytes = 0
    for place, path in enumerate(others):
        kept_bytes += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        if place >= MOST_FOLDERS - 1 or kept_bytes > most_bytes:
            shutil.rmtree(path)


def _hold(fd: int, stop: threading.Event, wait: Callable[[], None]) -> None:
    told = False
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                wait()
            told = True
        if stop.wait(LOOK_S):
            raise Stopped("stopped before another download was done")
