"""An outbox for one test with the log of its sinks, a broker, and who listens to it."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.actors.telemetry.sinks.mosquitto import OPEN, Listener, Mosquitto
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


@pytest.fixture
def broker_with(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    """A broker with these lines of configuration; without any it is open to all."""
    brokers: list[Mosquitto] = []

    def started(*settings: str) -> Mosquitto:
        brokers.append(Mosquitto(tmp_path, settings or OPEN))
        return brokers[-1]

    yield started
    for broker in brokers:
        broker.kill()


@pytest.fixture
def mosquitto(broker_with: Callable[..., Mosquitto]) -> Mosquitto:
    return broker_with()


@pytest.fixture
def listen(watched: Watched) -> Iterator[Callable[..., Listener]]:
    listeners: list[Listener] = []

    def started(port: int, **options: Any) -> Listener:
        listeners.append(Listener(port, watched.changed, **options))
        return listeners[-1]

    yield started
    for listener in listeners:
        listener.close()
