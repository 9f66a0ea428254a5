"""An outbox for one test, with the log of its sinks."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actors.telemetry.sinks.rig import Watched


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched, log = Watched(tmp_path / "outbox.db"), logging.getLogger("actors.telemetry.sinks")
    log.addHandler(watched)
    log.setLevel(logging.INFO)
    yield watched
    log.setLevel(logging.NOTSET)
    log.removeHandler(watched)
    watched.outbox.close()
