"""Fixtures for whole devices."""

import json
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


NETWORK = "person-vehicle-bike-detection-2000"


@pytest.fixture(scope="module")
def package(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network as an Azure Percept package."""
    folder = tmp_path_factory.mktemp("package")
    for suffix in (".xml", ".bin"):
        (folder / f"{NETWORK}{suffix}").symlink_to(
            (shared_data / "models" / NETWORK / f"{NETWORK}{suffix}").resolve()
        )
    (folder / "labels.txt").write_text("vehicle\nperson\nbike\n")
    config = {
        "DomainType": "ssd100",
        "ModelFileName": f"{NETWORK}.xml",
        "LabelFileName": "labels.txt",
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder
