"""Where the commands of a test find its store."""

from pathlib import Path

import pytest


@pytest.fixture
def state(environ: dict[str, str]) -> Path:
    return Path(environ["RETINUE_STATE"])
