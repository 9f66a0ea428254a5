"""A device's state directory with what it may install, and all that is said on the way."""

import functools
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.config import Config, Inference, Models
from actors.models.installing import install
from actors.models.progress import Progress
from actors.models.remote import Terms
from actors.models.scz_vault import Azure
from actors.package.files import Folder
from actors.package.integrity import listed
from actors.package.reading import read_manifest
from actors.package.writing import pack, write_manifest
from actors.store.disk import Disk
from actors.store.documents import read
from actors.store.outcomes import Outcome, outcome_path
from actors.store.record import Record
from actors.store.source import Source, parse
from actors.store.store import Store

ROOT = Path(__file__).parents[3]
STREET = ROOT / "models" / "street"
ENTRY = Inference("front", devices=("CPU",))
SECRETS = ("s3cr3t", "p4ssw0rd")


def street(folder: Path) -> Path:
    """The built-in network as a package that may be installed."""
    folder.mkdir()
    for name in ("street.xml", "street.bin", "labels.txt", "manifest.toml"):
        shutil.copyfile(STREET / name, folder / name)
    write_manifest(folder, listed(Folder(folder), read_manifest(Folder(folder))))
    return folder


@functools.cache
def street_zip() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        package, archive = street(Path(folder) / "street"), Path(folder) / "street.zip"
        pack(package, archive)
        return archive.read_bytes()


class Site:
    """One device."""

    def __init__(self, state: Path, ca_file: Path) -> None:
        self.config = Config(state_dir=str(state), models=Models(ca_file=str(ca_file)))
        self.store = Store(state)
        self.stop = threading.Event()
        self.told: list[Progress] = []
        self.watching: Callable[[Progress], None] = lambda _: None
        self.azure: Azure | None = None
        self.patience = Terms(
            longest_s=20, stall_s=20, attempts=2, first_wait_s=0.001, longest_wait_s=0.001
        )

    def install(self, source: Source | str, entry: Inference | None = ENTRY) -> Record:
        self.told.clear()
        return install(
            parse(source) if isinstance(source, str) else source,
            self.config,
            entry,
            stop=self.stop,
            tell=self.tell,
            patience=self.patience,
            azure=self.azure,
        )

    def fails(self, kind: type[Exception], source: Source | str) -> str:
        """The sentence with which it ends; nothing is left of it but a download."""
        with pytest.raises(kind) as caught:
            self.install(source)
        sentence = str(caught.value)
        assert "\n" not in sentence
        assert list(self.store.layout.staging.iterdir()) == []
        return sentence

    def tell(self, progress: Progress) -> None:
        self.told.append(progress)
        self.watching(progress)

    @property
    def phases(self) -> list[str]:
        return list(dict.fromkeys(progress.phase for progress in self.told))

    @property
    def outcome(self) -> Outcome | None:
        return read(Disk(), outcome_path(self.store.layout, ENTRY.name), Outcome)

    @property
    def compiled(self) -> list[Path]:
        return sorted((self.config.state / "cache").iterdir())

    @property
    def downloads(self) -> list[Path]:
        """All files that wait to be gone on with."""
        root = self.store.layout.root / "downloads"
        return [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]

    def check_discretion(self) -> None:
        """No secret was told, or lies anywhere but in a wish."""
        said = [repr(progress) for progress in self.told]
        files = [path for path in self.config.state.rglob("*") if path.is_file()]
        said += [path.read_text("latin-1") for path in files if path.parent.name != "wishes"]
        assert [secret for secret in SECRETS for text in said if secret in text] == []
