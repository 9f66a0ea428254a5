"""A device of two cameras and two inference entries, of which nothing runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.config import Camera, Config, Inference
from tests.actors.telemetry.cloud.caller import Caller, calling


@pytest.fixture
def config(run_dir: Path, tmp_path: Path) -> Config:
    return Config(
        run_dir=str(run_dir),
        state_dir=str(tmp_path),
        camera=(Camera("front"), Camera("back", source="rtsp://admin:hunter2@192.0.2.7/live")),
        inference=(Inference("eye", model="builtin:street"), Inference("ear")),
    )


@pytest.fixture
def caller(config: Config) -> Iterator[Caller]:
    with calling(config) as caller:
        yield caller
