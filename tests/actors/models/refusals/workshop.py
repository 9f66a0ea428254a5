"""Where bad packages are made: each from a good one, so that it is bad in one way only."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from actors.package.admission import Request
from actors.package.files import Folder
from actors.package.integrity import listed
from actors.package.manifest import Manifest
from actors.package.writing import pack, write_manifest
from actors.sections import ROOT

STREET = ROOT / "models" / "street"
GOOD = Manifest("street", "street.xml", version="7", family="ssd", labels="labels.txt")


class Workshop:
    """A folder to make packages in; `data` gives real networks, or skips the test."""

    def __init__(self, folder: Path, data: Callable[[], Path]) -> None:
        self.folder, self._data = folder, data
        (folder / "staged").mkdir()
        (folder / "cache").mkdir()

    def request(self, source: Path, **rules: Any) -> Request:
        staged, cache = str(self.folder / "staged"), str(self.folder / "cache")
        plain = Request(str(source), staged, ("CPU",), cache, memory_mb=1500, cpu_s=60)
        return msgspec.structs.replace(plain, **rules)

    def real(self, name: str) -> Path:
        """A file of a real network."""
        return self._data() / "models" / name

    def empty(self) -> Path:
        folder = self.folder / "package"
        folder.mkdir()
        return folder

    def model(self) -> Path:
        """A good model with its labels, and nothing said of it."""
        folder = self.empty()
        for name in ("street.xml", "street.bin", "labels.txt"):
            shutil.copyfile(STREET / name, folder / name)
        return folder

    def package(self, **said: Any) -> Path:
        """A good package, but for what is `said` in its manifest; its files are as listed."""
        folder = self.model()
        self.describe(folder, **said)
        return folder

    def describe(self, folder: Path, **said: Any) -> None:
        manifest = msgspec.structs.replace(GOOD, **said)
        write_manifest(folder, listed(Folder(folder), manifest))

    def written(self, *lines: str) -> Path:
        """A package whose manifest has these lines before all others."""
        folder = self.package()
        path = folder / "manifest.toml"
        keys = {line.partition(" =")[0] for line in lines}
        rest = [one for one in path.read_text().splitlines() if one.partition(" =")[0] not in keys]
        path.write_text("\n".join([*lines, *rest]))
        return folder

    def zipped(self, folder: Path) -> Path:
        archive = self.folder / "package.zip"
        pack(folder, archive)
        return archive

    def file(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path


class Bad(NamedTuple):
    """How to make a package, and a part of the sentence that refuses it."""

    make: Callable[[Workshop], Request]
    says: str
    within_s: float = 60.0
