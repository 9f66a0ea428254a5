"""A device's desired properties on real files."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from actors.config import Config, Inference
from actors.settings import Settings, SettingsFile
from actors.store import documents as files
from actors.store.disk import Disk
from actors.store.wish import Wish
from actors.store.wishes import Wishes
from actors.telemetry.cloud.addresses import addresses
from actors.telemetry.cloud.desired import Desired
from actors.telemetry.cloud.exchange import Patch, Twin
from actors.telemetry.cloud.reported import Device
from tests.actors.telemetry.cloud.documents import ENTRIES, Document

CONFIG = Config(inference=tuple(Inference(name, model="builtin:street") for name in ENTRIES))
MEMORY = Path("/dev/shm")  # noqa: S108 where an fsync costs nothing


@contextmanager
def folder() -> Iterator[Path]:
    """For tests that need hundreds of them."""
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


def desired_in(state: Path, entries: Sequence[str] = ENTRIES) -> Desired:
    return Desired(state, entries, SettingsFile(state), Wishes(state))


def take(desired: Desired, *documents: Document, now_ns: int = 0) -> None:
    for document in documents:
        said = Patch(document.desired) if document.is_patch else Twin(document.desired, {})
        desired.take(said, now_ns)


def settings_in(state: Path) -> Settings:
    return SettingsFile(state).look()


def wish_in(state: Path, entry: str = ENTRIES[0]) -> Wish:
    return files.read(Disk(), Wishes(state).path(entry), Wish) or Wish()


def device(state: Path, config: Config = CONFIG) -> Device:
    settings = settings_in(state)
    return Device(config, settings, addresses(config, settings, "eye"), {"retinue": "1"})
