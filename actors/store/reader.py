"""What the store holds, read without a lock: every file is whole, as it is replaced by renames.

What cannot be read is a sentence in the answer, never an exception. A slot falls back on its
copy, then on `EMPTY`; a version without a record or without its package is not used; a
quarantine note that cannot be read still bars its version.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from actors.store.disk import Disk
from actors.store.documents import Document, Unreadable, read
from actors.store.layout import Layout, digests_among, slots_among
from actors.store.record import Listing, Record, Version, newest
from actors.store.slot import EMPTY, Quarantine, Reading, Slot, is_undone_by, reverted

ABSENT = "not in the store"


class Slots(NamedTuple):
    """All slots that were ever changed."""

    by_name: Mapping[str, Reading]
    troubles: tuple[str, ...]


class Reader:
    """The store at `state_dir`, which need not be there. Wrong names raise `StoreError`."""

    def __init__(self, state_dir: Path, disk: Disk | None = None) -> None:
        self.layout = Layout(state_dir / "models")
        self._disk = disk or Disk()

    def slot(self, name: str) -> Reading:
        slot, trouble = self._slot_as_written(name)
        note = self.quarantined(slot.active) if slot.active else None
        if note and is_undone_by(slot, name, note):
            slot = reverted(slot, note)
        return Reading(slot, trouble)

    def slots(self) -> Slots:
        names, trouble = self._names(self.layout.slots)
        by_name = {name: self.slot(name) for name in slots_among(names)}
        troubles = [trouble, *(reading.trouble for reading in by_name.values())]
        return Slots(by_name, tuple(filter(None, troubles)))

    def version(self, digest: str) -> Version:
        """What there is of it; of one that is not in the store, a trouble that says so."""
        path, package = self.layout.record(digest), self.layout.package(digest)
        note = self.quarantined(digest)
        record, problem = self._read(path, Record)
        if record and record.digest != digest:
            problem = f"is about {record.digest[:12]}"
        if problem:
            trouble = f"{self.layout.shown(path)} {problem}; add it again or remove it"
            return Version(digest, package, None, note, 0, trouble)
        trouble = self._package_trouble(package) if record else ""
        # a removal takes the record first: if that has gone meanwhile, nothing is wrong
        if record is None or (trouble and self._status(path) is None):
            return Version(digest, package, None, note, 0, ABSENT)
        status = self._status(path)
        return Version(digest, package, record, note, status.st_mtime_ns if status else 0, trouble)

    def versions(self) -> Listing:
        names, trouble = self._names(self.layout.records)
        found = [self.version(digest) for digest in digests_among(names)]
        versions = [version for version in found if version.trouble != ABSENT]
        versions.sort(key=lambda v: (v.record.added_utc_ns if v.record else 0, v.digest))
        troubles = [trouble, *(f"{v.title}: {v.trouble}" for v in versions if v.trouble)]
        return Listing(tuple(versions), tuple(filter(None, troubles)))

    def find(self, name: str, version: str = "") -> Version:
        """The one added last that may run; `StoreError` says what there is instead."""
        return newest(self.versions().versions, name, version)

    def quarantined(self, digest: str) -> Quarantine | None:
        path = self.layout.note(digest)
        note, problem = self._read(path, Quarantine)
        if note and note.digest != digest:
            problem = f"is about {note.digest[:12]}"
        if problem:
            return Quarantine(digest, f"{self.layout.shown(path)} {problem}")
        return note

    def _slot_as_written(self, name: str) -> Reading:
        path, copy = self.layout.slot(name), self.layout.copy(name)
        slot, problem = self._read(path, Slot)
        if slot:
            return Reading(slot)
        spare, worse = self._read(copy, Slot)
        if not problem:
            if spare is None and not worse:
                return Reading(EMPTY)
            slot, problem = self._read(path, Slot)  # written first: it may have come meanwhile
            if slot:
                return Reading(slot)
        lost = f"{self.layout.shown(path)} {problem or 'is missing'}"
        if spare:
            return Reading(spare, f"{lost}; its copy counts until a version is activated")
        return Reading(
            EMPTY,
            f"{lost}, and its copy {worse or 'is missing'}: what the configuration names counts "
            "until a version is activated",
        )

    def _read(self, path: Path, kind: type[Document]) -> tuple[Document | None, str]:
        """The document, or what is wrong with it, or neither if there is none."""
        try:
            return read(self._disk, path, kind), ""
        except Unreadable as error:
            return None, str(error)

    def _names(self, folder: Path) -> tuple[list[str], str]:
        try:
            return self._disk.names(folder), ""
        except FileNotFoundError:
            return [], ""
        except OSError as error:
            return [], f"{self.layout.shown(folder)} cannot be read ({error.strerror})"

    def _package_trouble(self, package: Path) -> str:
        status = self._status(package)
        if status is None or not stat.S_ISDIR(status.st_mode):
            return "its package is missing; add it again or remove it"
        if status.st_uid != os.getuid():
            return f"its package belongs to user {status.st_uid}, not {os.getuid()}; remove it"
        return ""

    def _status(self, path: Path) -> os.stat_result | None:
        with suppress(OSError):
            return self._disk.status(path)
        return None
