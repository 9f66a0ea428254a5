"""How much of the state directory is used, and by what."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Used(NamedTuple):
    """`images` counts kept pictures; `state_free_bytes` is None if nobody can tell."""

    state_free_bytes: int | None
    outbox_bytes: int
    images: int
    images_bytes: int


def used(state_dir: Path) -> Used:
    images = images_in(state_dir)
    outbox_bytes = sum(_sizes(state_dir / "telemetry", "outbox.db*"))  # SQLite has several files
    return Used(_free_bytes(state_dir), outbox_bytes, len(images), sum(images))


def images_in(state_dir: Path) -> list[int]:
    """The size of each kept picture in bytes."""
    return list(_sizes(state_dir / "images", "*/*.jpg"))


def _free_bytes(state_dir: Path) -> int | None:
    """For this user."""
    try:
        status = os.statvfs(state_dir)
    except OSError:
        return None
    return status.f_bavail * status.f_frsize


def _sizes(folder: Path, pattern: str) -> Iterator[int]:
    """Of files, as long as they are there."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            yield path.stat().st_size
