"""What lies in the state directory about one slot, read again only when a file has changed."""

from pathlib import Path
from typing import NamedTuple, TypeVar

from msgspec import Struct

from actors.store.disk import Disk
from actors.store.documents import Unreadable, read
from actors.store.outcomes import Outcome, outcome_path
from actors.store.reader import Reader
from actors.store.record import Version
from actors.store.slot import EMPTY, Slot
from actors.store.wish import Wish
from actors.store.wishes import Done, Wishes

Document = TypeVar("Document", bound=Struct)
Stamp = tuple[int, int] | None


class Lying(NamedTuple):
    """`trouble` is a sentence about what cannot be read; it is as if it were not there."""

    wish: Wish | None = None
    done: Done | None = None
    outcome: Outcome | None = None
    slot: Slot = EMPTY
    active: Version | None = None
    trouble: str = ""

    @property
    def is_open(self) -> bool:
        """Whether there is a wish that was not worked off."""
        return self.wish is not None and (self.done is None or self.done.step != self.wish.step)


class Shelf:
    """One device's. It never waits for a lock."""

    def __init__(self, state_dir: Path) -> None:
        self._reader, self._wishes, self._disk = Reader(state_dir), Wishes(state_dir), Disk()
        self._seen: dict[str, tuple[list[Stamp], Lying]] = {}

    def look(self, slot: str) -> Lying:
        # before it is read: what changes meanwhile is read once more
        stamps = [self._stamp(path) for path in self._paths(slot)]
        seen = self._seen.get(slot)
        if seen is None or seen[0] != stamps:
            seen = self._seen[slot] = stamps, self._read(slot)
        return seen[1]

    def _paths(self, slot: str) -> list[Path]:
        """All that what is read depends on; a folder changes when a file in it is replaced."""
        layout = self._reader.layout
        return [
            self._wishes.path(slot),
            self._wishes.done_path(slot),
            outcome_path(layout, slot),
            layout.slot(slot),
            layout.copy(slot),
            layout.quarantine,
            layout.records,
            layout.packages,
        ]

    def _read(self, slot: str) -> Lying:
        troubles: list[str] = []
        wish = self._document(self._wishes.path(slot), Wish, troubles)
        done = self._document(self._wishes.done_path(slot), Done, troubles)
        outcome = self._document(outcome_path(self._reader.layout, slot), Outcome, troubles)
        reading = self._reader.slot(slot)
        active = self._reader.version(reading.slot.active) if reading.slot.active else None
        troubles += [reading.trouble] if reading.trouble else []
        return Lying(wish, done, outcome, reading.slot, active, "; ".join(troubles))

    def _document(self, path: Path, kind: type[Document], troubles: list[str]) -> Document | None:
        try:
            return read(self._disk, path, kind)
        except Unreadable as error:
            troubles.append(f"{self._reader.layout.shown(path)} {error}")
            return None

    def _stamp(self, path: Path) -> Stamp:
        try:
            status = path.lstat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino
