"""What is on record about a stored version, and which version a name means (pure)."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from actors.address import masked
from actors.store.layout import Digest
from actors.store.slot import Count, Quarantine
from actors.store.trouble import StoreError


class Admission(Struct, frozen=True):
    """What was found when the version was tried out, apart from all that runs."""

    device: str
    openvino: str
    latency_ms_p50: float
    checked_utc_ns: Count
    notes: tuple[str, ...] = ()


class Record(Struct, frozen=True):
    """One version. `add` sees to `bytes`, and that `source` holds no secret."""

    digest: Digest
    name: str
    version: str
    family: str
    bytes: Count = 0
    added_utc_ns: Count = 0
    source: str = ""  # where it came from, for people
    licence: str = ""
    signed_by: str = ""  # key id
    sealed: bool = False  # encrypted as it lies there
    admission: Admission | None = None


class Version(NamedTuple):
    """All that the store holds of one digest."""

    digest: str
    package: Path  # where it lies, if it is there
    record: Record | None
    quarantine: Quarantine | None = None
    used_utc_ns: int = 0  # when a slot last let go of it, else when it was added
    trouble: str = ""  # a sentence; without one record and package are there

    @property
    def title(self) -> str:
        return title(self.digest, self.record)


class Listing(NamedTuple):
    """All versions on record, oldest first, and what was wrong on the way."""

    versions: tuple[Version, ...]
    troubles: tuple[str, ...]


def title(digest: str, record: Record | None) -> str:
    """A version as sentences name it."""
    named = f"{record.name} {record.version}".strip() if record else ""
    return f"{named} ({digest[:12]})" if named else digest[:12]


def merged(new: Record, old: Record | None, size_bytes: int) -> Record:
    """The record to keep when a version is added, perhaps again."""
    shown = masked(new.source) if "://" in new.source else new.source
    new = replace(new, bytes=size_bytes, source=shown)
    if old is None:
        return new
    return replace(new, added_utc_ns=old.added_utc_ns, admission=new.admission or old.admission)


def objection(version: Version) -> str:
    """Why it must not run, or ""."""
    if version.trouble:
        return f"{version.title}: {version.trouble}"
    if version.quarantine:
        return f"{version.title}: quarantined ({version.quarantine.reason}); release it first"
    if version.record is None or version.record.admission is None:
        return f"{version.title}: not admitted; add it again with its admission"
    return ""


def newest(versions: Sequence[Version], name: str, version: str = "") -> Version:
    """Of those with that name the one added last that may run; `StoreError` if there is none."""
    recorded = [(v, v.record) for v in versions if v.record]
    named = [(v, r) for v, r in recorded if r.name == name]
    if not named:
        raise StoreError(_unknown("nothing is named", name, [r.name for _, r in recorded]))
    asked = [(v, r) for v, r in named if version in {"", r.version}]
    if not asked:
        raise StoreError(_unknown(f"{name} has no version", version, [r.version for _, r in named]))
    usable = [v for v, _ in asked if not objection(v)]
    if not usable:
        raise StoreError(objection(asked[-1][0]))
    return usable[-1]


def _unknown(rule: str, asked: str, known: Iterable[str]) -> str:
    there = sorted(set(known))
    near = difflib.get_close_matches(asked, there, 1)
    if near:
        return f"{rule} {asked!r}; did you mean {near[0]!r}?"
    return f"{rule} {asked!r}; there is {', '.join(there) or 'nothing in the store'}"
