"""A store of its own for each test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.store.store import Store
from tests.actors.store.watched import Strict

IN_MEMORY = Path("/dev/shm")  # noqa: S108 only to have a random name made in it


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state", Strict())


@pytest.fixture
def swift() -> Iterator[Path]:
    """A folder in memory where there is such a place: for tests that are not about a disk."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as path:
        yield Path(path)
