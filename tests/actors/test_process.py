"""What surrounds an actor: its log's level follows what is wanted."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.process import LogLevel
from actors.settings import Settings, SettingsFile


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before = root.level
    root.setLevel("WARNING")
    yield root
    root.setLevel(before)


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path)


def test_the_level_follows_the_settings_and_goes_back(
    root: logging.Logger, file: SettingsFile, caplog: pytest.LogCaptureFixture
) -> None:
    level = LogLevel("warning", file.look)
    found: list[int] = []
    for wanted in (None, "debug", "error", None):
        file.change({"log_level": wanted})
        level.look()
        level.look()
        found.append(root.level)
    assert found == [logging.WARNING, logging.DEBUG, logging.ERROR, logging.WARNING]
    assert [record.getMessage().split()[-1] for record in caplog.records] == [
        "debug",
        "error",
        "warning",
    ]


def test_who_says_nothing_at_its_level_is_not_heard(
    root: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    level = LogLevel("info", lambda: Settings(log_level="error"))
    level.look()
    logging.getLogger("actors.camera").warning("lost")
    assert root.level == logging.ERROR
    assert "lost" not in caplog.text
