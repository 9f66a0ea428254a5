"""Where the outboxes of tests lie."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

IN_MEMORY = Path("/dev/shm")  # noqa: S108 only to have a random name made in it


@pytest.fixture
def path() -> Iterator[Path]:
    """A file to be, in memory where there is such a place: no test here is about the disk."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        yield Path(folder) / "telemetry" / "outbox.db"
