"""The store with its operations: each is whole or has not happened, whatever ends the process.

Each returns the new value or raises `StoreError`. Writers hold `lock` while they read, change
and replace, and never longer. What counts is one rename or removal: of a version its record's,
of a slot its file's, of a revert the quarantine note's. All else is garbage, for `sweep`.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from actors.store import documents, tree
from actors.store.cleaning import Cleaned, plan
from actors.store.garbage import garbage
from actors.store.layout import is_slot
from actors.store.lock import locked
from actors.store.moment import Moment
from actors.store.reader import ABSENT, Reader
from actors.store.record import Record, Version, merged, objection, title
from actors.store.slot import (
    Quarantine,
    Reading,
    Slot,
    activated,
    can_roll_back,
    is_undone_by,
    noted,
    reloaded,
    reverted,
    rolled_back,
    settled,
    told,
)
from actors.store.trouble import StoreError, one_line

SECOND_NS = 1_000_000_000


class Store(Reader):
    """As `Reader`, and to be changed. The first change makes its folders."""

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """A folder to fetch and unpack in; it goes with the block, or with the process."""
        folder = self.layout.staging / secrets.token_hex(8)
        with ExitStack() as held:
            try:
                with locked(self._disk, self.layout):
                    self._disk.make_folder(folder)
                    held.enter_context(self._disk.locked(folder / "lock"))
                yield folder
            finally:
                with suppress(OSError):  # a sweep tries again
                    tree.discard(self._disk, folder)

    def add(self, staged: Path, record: Record, digest_of: Callable[[Path], str]) -> Record:
        """Put a package on record that lies complete in a folder of `stage`; returns the record.

        It is verified once nobody can change it any more. One that is there already stays,
        unless it is damaged. Raises what `digest_of` raises, too.
        """
        place = self.layout.package(record.digest)
        if staged.parent.parent != self.layout.staging:
            raise StoreError(f"{staged}: not in a staging folder; have it unpacked in one")
        size_bytes = tree.close(self._disk, staged)
        digest = digest_of(staged)
        if digest != record.digest:
            raise StoreError(
                f"{title(record.digest, record)}: what was staged has the digest {digest[:12]}, "
                "so it was changed on the way; fetch it again"
            )
        damaged = bool(self._status(place)) and not tree.same(self._disk, staged, place)
        with locked(self._disk, self.layout):
            old = self.version(digest).record
            comes = old is None or damaged or self._status(place) is None
            if comes:
                tree.move_in(self._disk, staged, place)
            path = self.layout.record(digest)
            try:
                documents.replace(self._disk, path, merged(record, old, size_bytes))
            except StoreError:
                if comes and self._status(path) is None:
                    with suppress(OSError):  # without a record it is garbage there, too
                        tree.move_back(self._disk, place, staged)
                raise
            self._mark_used(digest, record.added_utc_ns)
            return merged(record, old, size_bytes)

    def activate(
        self, name: str, digest: str, *, configured: str, probation_s: float, now: Moment
    ) -> Slot:
        """Have a slot run a version, or with "" what the configuration names.

        What runs already, chosen under the same configuration, goes on as it is.
        """
        with locked(self._disk, self.layout):
            reading = self.slot(name)
            if digest:
                self._refuse(name, digest)
            chosen = reading.slot.active, reading.slot.configured
            if chosen == (digest, told(configured)) and not reading.trouble:
                return reading.slot
            probation_ns = int(probation_s * SECOND_NS)
            after = activated(reading.slot, digest, configured, probation_ns, now)
            return self._write_slot(name, reading, after, now.utc_ns)

    def rollback(self, name: str, now: Moment) -> Slot:
        """One step back, to the last good version before, else to what the configuration names."""
        with locked(self._disk, self.layout):
            reading = self.slot(name)
            if not can_roll_back(reading.slot):
                raise StoreError(f"slot {name}: there is nothing before what runs to go back to")
            if reading.slot.previous:
                self._refuse(name, reading.slot.previous)
            after = rolled_back(reading.slot, now.utc_ns)
            return self._write_slot(name, reading, after, now.utc_ns)

    def reload(self, name: str) -> Slot:
        """Have the posts load anew what they run."""
        with locked(self._disk, self.layout):
            reading = self.slot(name)
            return self._write_slot(name, reading, reloaded(reading.slot))

    def settle(self, name: str, generation: int) -> Slot:
        """The probation is over and was survived. Of a slot that has moved on, nothing changes."""
        with locked(self._disk, self.layout):
            reading = self.slot(name)
            if reading.slot.generation != generation or reading.slot.good:
                return reading.slot
            return self._write_slot(name, reading, settled(reading.slot))

    def note_probation(self, name: str, now: Moment) -> Slot:
        """Note what is left, for a reboot: once at the start, and then as often as it may cost."""
        with locked(self._disk, self.layout):
            reading = self.slot(name)
            if reading.slot.good:
                return reading.slot
            return self._write_slot(name, reading, noted(reading.slot, now))

    def revert(self, name: str, generation: int, reason: str, now: Moment) -> Slot:
        """What runs has failed: quarantine it, and back to the last good one or the configuration.

        Of a slot that has moved on, nothing changes.
        """
        with locked(self._disk, self.layout):
            reading = self.slot(name)
            failed, back = reading.slot.active, reading.slot.previous
            if reading.slot.generation != generation:
                return reading.slot
            if not failed:
                raise StoreError(
                    f"slot {name}: runs what the configuration names, and only that can change it"
                )
            if back and objection(self.version(back)):
                back = ""
            self._finish_revert(failed)
            note = Quarantine(failed, one_line(reason), now.utc_ns, name, generation, back)
            documents.replace(self._disk, self.layout.note(failed), note)
            after = reverted(reading.slot, note)
            with suppress(StoreError):  # it is done: who reads the slot heeds the note
                return self._write_slot(name, reading, after, now.utc_ns)
            return after

    def quarantine(self, digest: str, reason: str, now: Moment) -> Quarantine:
        """Bar a version, be it here or not, from being activated. What runs it goes on."""
        path = self.layout.note(digest)
        with locked(self._disk, self.layout):
            self._finish_revert(digest)
            note = Quarantine(digest, one_line(reason), now.utc_ns)
            documents.replace(self._disk, path, note)
            return note

    def release(self, digest: str) -> Version:
        """Let a version be activated again."""
        path = self.layout.note(digest)
        with locked(self._disk, self.layout):
            self._finish_revert(digest)
            documents.remove(self._disk, path)
            return self.version(digest)

    def remove(self, digest: str) -> Version:
        """Remove a version that no slot names. Its quarantine stays, should it come back."""
        with locked(self._disk, self.layout):
            version = self.version(digest)
            if version.trouble == ABSENT:
                raise StoreError(f"{version.title}: {ABSENT}")
            users, troubles = self._users()
            for trouble in troubles:
                raise StoreError(f"{version.title}: not removed, as it may be in use: {trouble}")
            for slot in users.get(digest, ()):
                raise StoreError(
                    f"{version.title}: slot {slot} runs it or may go back to it; "
                    "activate another version there first"
                )
            self._drop(version)
            return version

    def clean(self, quota_bytes: int, now: Moment) -> Cleaned:
        """Remove versions until all take no more than so much, the longest unused first."""
        with locked(self._disk, self.layout):
            users, troubles = self._users()
            for trouble in troubles:
                return Cleaned((), 0, f"nothing is removed, as it may be in use: {trouble}")
            chosen = plan(self.versions().versions, users, quota_bytes, now.utc_ns)
            for version in chosen.remove:
                self._drop(version)
        freed_bytes = sum(v.record.bytes for v in chosen.remove if v.record)
        return Cleaned(tuple(v.digest for v in chosen.remove), freed_bytes, chosen.left)

    def sweep(self) -> tuple[str, ...]:
        """Remove what dead processes left behind; returns its paths. What is being staged stays."""
        with locked(self._disk, self.layout):
            found = garbage(self._disk, self.layout)
            for path in found:
                tree.discard(self._disk, path)
            return tuple(self.layout.shown(path) for path in found)

    def _refuse(self, name: str, digest: str) -> None:
        reason = objection(self.version(digest))
        if reason:
            raise StoreError(f"slot {name}: {reason}")

    def _write_slot(self, name: str, before: Reading, after: Slot, utc_ns: int = 0) -> Slot:
        """Replaces both copies, and says of what the slot lets go that it was used until now."""
        if before.trouble:
            after = replace(after, generation=self._unseen_generation(name, after.generation))
        path, copy = self.layout.slot(name), self.layout.copy(name)
        documents.replace(self._disk, path, after, copy)
        let_go = {before.slot.active, before.slot.previous} - {after.active, after.previous, ""}
        for digest in let_go:
            self._mark_used(digest, utc_ns)
        return after

    def _mark_used(self, digest: str, utc_ns: int) -> None:
        with suppress(OSError):  # it is about an order only
            self._disk.mark_used(self.layout.record(digest), utc_ns)

    def _unseen_generation(self, name: str, generation: int) -> int:
        """Above all that a slot had whose file is lost: microseconds outrun a count of changes."""
        stamps = [self._status(path) for path in (self.layout.slot(name), self.layout.copy(name))]
        lost_us = [status.st_mtime_ns // 1000 for status in stamps if status]
        return max(generation, *lost_us, 0) + 2

    def _finish_revert(self, digest: str) -> None:
        """What was cut short between note and slot, before that note changes."""
        note = self.quarantined(digest)
        if note and is_slot(note.slot):
            written = self._slot_as_written(note.slot)
            if is_undone_by(written.slot, note.slot, note):
                after = reverted(written.slot, note)
                self._write_slot(note.slot, written, after, note.quarantined_utc_ns)

    def _users(self) -> tuple[dict[str, list[str]], tuple[str, ...]]:
        """By digest the slots that name it; and what makes that uncertain."""
        users: dict[str, list[str]] = {}
        slots = self.slots()
        for name, (slot, _) in slots.by_name.items():
            for digest in {slot.active, slot.previous} - {""}:
                users.setdefault(digest, []).append(name)
        return users, slots.troubles

    def _drop(self, version: Version) -> None:
        documents.remove(self._disk, self.layout.record(version.digest))
        with suppress(OSError):  # without a record it is garbage
            tree.discard(self._disk, version.package)
