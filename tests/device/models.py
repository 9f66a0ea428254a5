"""Models in a device's store, put there as an installation would, but without being tried."""

import shutil
from pathlib import Path

from actors.clock import moment
from actors.config import Config, Inference
from actors.package.files import Folder
from actors.package.integrity import digest
from actors.package.receiving import receive
from actors.store.record import Admission, Record
from actors.store.store import Store

NETWORKS = ("person-vehicle-bike-detection-2000", "face-detection-retail-0005")


def add(config: Config, source: Path, name: str, version: str = "1") -> str:
    """A package in the store; its digest."""
    store, now = Store(config.state), moment()
    with store.stage() as staging:
        staged = staging / "package"
        staged.mkdir()
        receive(source, staged)
        found = digest(Folder(staged))
        record = Record(
            digest=found,
            name=name,
            version=version,
            family="ssd",
            added_utc_ns=now.utc_ns,
            admission=Admission("CPU", "2026.4", 1.0, now.utc_ns),
        )
        return store.add(staged, record, lambda place: digest(Folder(place))).digest


def activate(
    config: Config, entry: Inference, digest: str, probation_s: float | None = None
) -> int:
    """Have an entry run a version; the generation."""
    seconds = config.models.probation_s if probation_s is None else probation_s
    slot = Store(config.state).activate(
        entry.name, digest, configured=entry.model, probation_s=seconds, now=moment()
    )
    return slot.generation


def network(shared_data: Path, into: Path, name: str) -> Path:
    """A folder with a real network's own files only."""
    into.mkdir()
    for suffix in (".xml", ".bin"):
        shutil.copy(shared_data / "models" / name / f"{name}{suffix}", into)
    return into
