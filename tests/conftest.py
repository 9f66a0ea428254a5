"""Fixtures for every ring of tests."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.tenancy import make_run_dir
from tests.programs import missing

# Whoever starts the tests in the background of a script has Ctrl-C ignored, in children too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """A run directory of its own, with a path short enough for unix sockets."""
    path = Path(tempfile.mkdtemp(prefix="rt-"))
    make_run_dir(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real clips, pictures and networks; without them a test says so, on CI it fails."""
    path = Path(__file__).parents[2] / "shared" / "data"
    if not path.is_dir():
        missing(f"{path}, with clips, pictures and networks to test with, is not there")
    return path
