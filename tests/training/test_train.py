"""From nothing to a package in miniature. Needs the group `training`."""

from pathlib import Path

import pytest

from actors.package.reading import read_package
from bus.pixels import blank
from tests.programs import library
from training.eye import Eye
from training.generate import generate
from training.street import Split

torch = library("torch", "training")
library("nncf", "training")

from training.export import write_package  # noqa: E402 needs torch, as below
from training.train import CHECKPOINT, Plan, train  # noqa: E402

# OpenVINO traces networks in a way that PyTorch has begun to call old.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    for split in (Split.TRAIN, Split.VALIDATION):
        generate(folder / split.name.lower(), split, shards=1, processes=1, streets=2)
    return folder


def epochs_of(run: Path) -> int:
    return int(torch.load(run / CHECKPOINT, weights_only=True)["epoch"])


def test_learning_goes_on_where_it_stopped_and_ends_in_a_package(run: Path) -> None:
    plan = Plan(run / "train", run / "validation", run, epochs=1, workers=0, resume=True)
    train(plan)
    assert epochs_of(run) == 1
    train(plan._replace(epochs=2))
    assert epochs_of(run) == 2
    train(plan)
    assert epochs_of(run) == 2
    write_package(run, run / "package", threshold=0.3)
    eye = Eye(read_package(run / "package"), threshold=0.0)
    seen = eye.see(blank(320, 180))
    assert {box.label for box in seen} <= {"person", "bicycle", "car", "bus"}
    assert all(0 <= box.score <= 1 for box in seen)
