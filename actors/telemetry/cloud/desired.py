"""The desired properties of the twin, brought to disk: settings and wishes first, then the record.

Only what the record `$STATE/telemetry/twin.json` holds counts as applied. A crash before it is
harmless: the next connection brings the whole document again. What the disk refuses stays open,
is told as pending, and is tried again with time.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from actors.settings import SettingsFile
from actors.store import documents
from actors.store.disk import Disk
from actors.store.documents import Unreadable
from actors.store.trouble import StoreError
from actors.store.wish import Wish
from actors.store.wishes import Wishes
from actors.telemetry.cloud.exchange import Patch, Twin
from actors.telemetry.cloud.properties import SETTINGS
from actors.telemetry.cloud.twin import (
    LONGEST,
    Outcome,
    Record,
    Values,
    given_in,
    judged,
    settings_of,
    version_of,
    wishes_of,
)
from actors.tenancy import make_room

log = logging.getLogger(__name__)

RETRY_NS = 5_000_000_000
SETTLED = {"applied", "default"}


class Told(NamedTuple):
    """What is told of the desired properties. Holds secrets."""

    outcomes: Mapping[str, Outcome]  # by name, as in `twin`
    accepted: Mapping[str, object]
    wishes: Mapping[str, Wish]  # by entry, as they are on disk now


class Desired:
    """Of one device; `entries` are the names of its inference entries. No method raises."""

    def __init__(
        self, state_dir: Path, entries: Sequence[str], settings: SettingsFile, wishes: Wishes
    ) -> None:
        self._state_dir, self._entries = state_dir, entries
        self._settings, self._wishes, self._disk = settings, wishes, Disk()
        self._path = state_dir / "telemetry" / "twin.json"
        self._written = self._record = self._read()
        self._faults: dict[str, str] = {}  # why, by name
        self._next_ns = 0
        self._read_wishes: dict[str, tuple[tuple[int, int, int], Wish]] = {}

    def take(self, said: Twin | Patch, now_ns: int) -> None:
        """Apply a document, unless it is an old one or nothing in it is new."""
        before, version = self._record, version_of(said.desired)
        is_patch = isinstance(said, Patch)
        if is_patch and version is not None and version <= before.version:
            log.info("twin: patch %d is not newer than %d; ignored", version, before.version)
            return
        values = given_in(said.desired, before, self._entries)
        if not is_patch and version == before.version and not before.gap:
            values = _unsettled(values, before)
            if not values.given:
                return
        gap = is_patch and (before.gap or version != before.version + 1)
        version = before.version if version is None else version
        self._record = replace(judged(before, values, version, self._entries), gap=gap)
        for name in values.given:
            if self._record.outcomes[name].status == "refused":
                log.warning("twin: %s %s", name, self._record.outcomes[name].description)
        self._write(now_ns)

    def look(self, now_ns: int) -> None:
        """Time has passed: try again what the disk refused."""
        if (self._record.open or self._record != self._written) and now_ns >= self._next_ns:
            self._write(now_ns)

    def told(self) -> Told:
        outcomes = dict(self._record.outcomes)
        for name, reason in self._faults.items():
            if outcomes[name].status in SETTLED:
                outcomes[name] = Outcome("pending", outcomes[name].version, reason[:LONGEST])
        return Told(outcomes, self._record.accepted, self._wishes_now())

    def _write(self, now_ns: int) -> None:
        faults = self._change_settings() | self._change_wishes()
        left = tuple(name for name in self._record.open if name in faults)
        self._record = replace(self._record, open=left)
        faults = self._keep_record() | faults
        if set(faults.values()) - set(self._faults.values()):
            log.warning("twin: %s", "; ".join(sorted(set(faults.values()))))
        self._faults, self._next_ns = faults, now_ns + RETRY_NS

    def _change_settings(self) -> dict[str, str]:
        """What could not be written, by name, and why."""
        names = [name for name in self._record.open if name in SETTINGS]
        if not names:
            return {}
        try:
            self._settings.change(settings_of(self._record.accepted, names))
        except OSError as error:
            return dict.fromkeys(names, f"{_worded(error)}; it is tried again")
        return {}

    def _change_wishes(self) -> dict[str, str]:
        faults: dict[str, str] = {}
        accepted, names = self._record.accepted, self._record.open
        for entry, keys in wishes_of(accepted, names, self._entries).items():
            try:
                self._wishes.change(entry, keys)
            except (StoreError, OSError) as error:
                own = [name for name in names if entry in wishes_of({}, [name], self._entries)]
                faults |= dict.fromkeys(own, f"{_worded(error)}; it is tried again")
        return faults

    def _keep_record(self) -> dict[str, str]:
        record, written = self._record, self._written
        if record == written:
            return {}
        try:
            make_room(self._state_dir, self._path.parent.name)
            documents.replace(self._disk, self._path, record)
        except (StoreError, OSError) as error:
            reason = f"in force, but it may not outlast a restart: {_worded(error)}"
            news = [
                name
                for name in record.outcomes
                if record.outcomes[name] != written.outcomes.get(name)
            ]
            return dict.fromkeys(news, reason)
        self._written = record
        return {}

    def _read(self) -> Record:
        try:
            return documents.read(self._disk, self._path, Record) or Record()
        except Unreadable as error:
            log.warning("%s: %s; the next whole twin is applied anew", self._path, error)
            return Record()

    def _wishes_now(self) -> dict[str, Wish]:
        """Commands change them too. Costs one `stat` each while nothing has changed."""
        return {entry: self._wish(entry) for entry in self._entries}

    def _wish(self, entry: str) -> Wish:
        path = self._wishes.path(entry)
        try:
            status = path.stat()
            seen = status.st_ino, status.st_mtime_ns, status.st_size
            known = self._read_wishes.get(entry)
            if known is None or known[0] != seen:
                wish = documents.read(self._disk, path, Wish) or Wish()
                self._read_wishes[entry] = known = seen, wish
        except (OSError, Unreadable):
            return Wish()
        return known[1]


def _unsettled(values: Values, record: Record) -> Values:
    """Of a document that was applied already: what it was refused, and what is new to us."""
    given = {
        name: given
        for name, given in values.given.items()
        if name not in record.outcomes or record.outcomes[name].status not in SETTLED
    }
    return Values(given, values.faults)


def _worded(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
