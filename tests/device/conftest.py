"""Fixtures for whole devices."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def short_dir() -> Iterator[Path]:
    """A run directory's path; what `retinue up` leaves in it is a failure of its own."""
    parent = Path(tempfile.mkdtemp(prefix="rt-"))
    yield parent / "run"
    shutil.rmtree(parent)
