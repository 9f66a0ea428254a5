"""A device's hub for one test, and its environment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.actors.telemetry.hub import Hub, hub_in


@pytest.fixture
def hub_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Hub]]:
    """A hub with these lines for the device's listener; the environment is a module's of it."""
    with ExitStack() as stack:

        def started(*settings: str) -> Hub:
            folder = tmp_path / "hub"
            folder.mkdir()
            hub = stack.enter_context(hub_in(folder, *settings))
            for name, value in hub.environment.items():
                monkeypatch.setenv(name, value)
            return hub

        yield started


@pytest.fixture
def hub(hub_with: Callable[..., Hub]) -> Hub:
    return hub_with()
