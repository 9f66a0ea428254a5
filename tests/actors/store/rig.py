"""Packages to store, and all that a store shows of itself."""

import hashlib
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from actors.store.disk import Disk
from actors.store.moment import Moment
from actors.store.reader import Reader
from actors.store.record import Admission, Record
from actors.store.slot import Quarantine, Reading
from actors.store.store import Store

HOUR_NS = 3600 * 10**9
NOW = Moment(utc_ns=1_800_000_000 * 10**9, boottime_ns=500 * 10**9, boot_id="boot-1")
ADMISSION = Admission("CPU", "2026.4", 7.5, NOW.utc_ns)
FRONT, BACK = "front", "back"
CONFIGURED = "builtin:street"


class Hasty(Disk):
    """Never waits for the disk, as nothing but a power cut could tell."""

    def sync(self, path: Path) -> None: ...


def digest_of(package: Path) -> str:
    """Of names and contents, in order."""
    total = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file():
            name, data = str(path.relative_to(package)).encode(), path.read_bytes()
            total.update(b"%d %s %d " % (len(name), name, len(data)) + data)
    return total.hexdigest()


def content(name: str, version: str = "1") -> dict[str, bytes]:
    """The files of a small package."""
    return {
        "manifest.toml": f'name = "{name}"\nversion = "{version}"\n'.encode(),
        "net/m.xml": b"<net/>" + version.encode(),
        "net/m.bin": hashlib.sha512(f"{name} {version}".encode()).digest() * 4,
    }


def build(disk: Disk, package: Path, files: Mapping[str, bytes]) -> None:
    """As an unpacker would: written, but not made durable."""
    disk.make_folder(package)
    for name, data in files.items():
        path = package / name
        if not path.parent.exists():
            disk.make_folder(path.parent)
        disk.write(path, data)


def record(name: str, version: str = "1", digest: str = "") -> Record:
    digest = digest or expected_digest(name, version)
    return Record(
        digest=digest,
        name=name,
        version=version,
        family="ssd",
        added_utc_ns=NOW.utc_ns,
        source=f"https://host/{name}.zip",
        licence="Apache-2.0",
        admission=ADMISSION,
    )


def expected_digest(name: str, version: str = "1") -> str:
    """What `digest_of` says of that package."""
    total = hashlib.sha256()
    for path, data in sorted(content(name, version).items()):
        total.update(b"%d %s %d " % (len(path), path.encode(), len(data)) + data)
    return total.hexdigest()


@contextmanager
def staged(store: Store, name: str, version: str = "1") -> Iterator[Path]:
    with store.stage() as folder:
        build(store._disk, folder / "package", content(name, version))
        yield folder / "package"


def add(store: Store, name: str, version: str = "1", added_utc_ns: int = NOW.utc_ns) -> str:
    """A version in the store; its digest."""
    wanted = replace(record(name, version), added_utc_ns=added_utc_ns)
    with staged(store, name, version) as package:
        return store.add(package, wanted, digest_of).digest


def activate(store: Store, digest: str, slot: str = FRONT, now: Moment = NOW) -> int:
    """A version on a minute's probation; the generation."""
    after = store.activate(slot, digest, configured=CONFIGURED, probation_s=60, now=now)
    return after.generation


def activate_good(store: Store, digest: str, slot: str = FRONT) -> None:
    store.settle(slot, activate(store, digest, slot))


class Sight(NamedTuple):
    """All that readers see of a store, but for how long ago something was used."""

    slots: Mapping[str, Reading]
    records: Mapping[str, Record | None]
    notes: Mapping[str, Quarantine]
    troubles: tuple[str, ...]
    intact: bool  # every package on record is what its digest says, and read-only


def see(reader: Reader) -> Sight:
    listing, slots = reader.versions(), reader.slots()
    notes_folder = reader.layout.quarantine
    barred = sorted(p.stem for p in notes_folder.glob("*.json")) if notes_folder.exists() else []
    return Sight(
        slots={name: r for name, r in slots.by_name.items() if r.slot.generation},
        records={version.digest: version.record for version in listing.versions},
        notes={digest: note for digest in barred if (note := reader.quarantined(digest))},
        troubles=(*listing.troubles, *slots.troubles),
        intact=all(is_intact(version.package) for version in listing.versions),
    )


def sweep(store: Store, before: Sight) -> None:
    """It changes nothing that counts, and leaves nothing else."""
    store.sweep()
    assert see(store) == before
    names = {path.name for path in store.layout.root.iterdir()}
    assert names == {"lock", "packages", "records", "slots", "quarantine", "staging"}
    assert list(store.layout.staging.iterdir()) == []
    packages = {path.name for path in store.layout.packages.iterdir()}
    assert packages == set(before.records)
    assert list(store.layout.root.rglob("*.tmp")) == []


def is_intact(package: Path) -> bool:
    if digest_of(package) != package.name:
        return False
    modes = {path.stat().st_mode for path in (package, *package.rglob("*"))}
    return modes == {stat.S_IFREG | 0o400, stat.S_IFDIR | 0o500}


def tree(root: Path) -> dict[str, bytes | None]:
    """Every path below with its content; folders have none."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
    }
