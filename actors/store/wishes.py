"""Wishes on disk: `wishes/<slot>.json` is what is wanted, `<slot>.done.json` what came of it.

They hold addresses with their tokens, and are for their owner's eyes only.
"""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from actors.store import documents
from actors.store.disk import Disk
from actors.store.documents import Unreadable, read
from actors.store.layout import Layout
from actors.store.lock import locked
from actors.store.slot import Count
from actors.store.wish import Changed, Wish, changed


class Done(Struct, frozen=True):
    """The step that was worked off, and how: a `reason` says why it was refused."""

    step: Count
    source: str = ""  # fit to be shown
    reason: str = ""
    digest: str = ""  # what the slot was given; "" for what the configuration names
    ended_utc_ns: int = 0


class Wishes:
    """Those of one device. Names that are no slot's, and a disk that refuses, are `StoreError`."""

    def __init__(self, state_dir: Path, disk: Disk | None = None) -> None:
        self._layout, self._disk = Layout(state_dir / "models"), disk or Disk()

    def path(self, slot: str) -> Path:
        return self._layout.root / "wishes" / self._layout.slot(slot).name

    def done_path(self, slot: str) -> Path:
        return self.path(slot).with_suffix(".done.json")

    def change(self, slot: str, change: Mapping[str, object], *, again: bool = False) -> Changed:
        """Have a slot's wish changed and on the disk; what is refused is in the answer."""
        with locked(self._disk, self._layout):
            before = self._before(slot)
            after = changed(before, change, again=again)
            if after.wish != before:
                self._replace(self.path(slot), after.wish)
        return after

    def settle(self, slot: str, done: Done) -> None:
        """Put down what came of a wish."""
        with locked(self._disk, self._layout):
            self._replace(self.done_path(slot), done)

    def _before(self, slot: str) -> Wish:
        """The wish to change; in the place of one that cannot be read, one that nobody had."""
        try:
            wish = read(self._disk, self.path(slot), Wish)
        except Unreadable:
            return Wish(step=self._done_step(slot) + 1)
        return wish or Wish(step=self._done_step(slot))

    def _done_step(self, slot: str) -> int:
        try:
            done = read(self._disk, self.done_path(slot), Done)
        except Unreadable:
            return 0
        return done.step if done else 0

    def _replace(self, path: Path, document: Struct) -> None:
        folder = path.parent
        if self._disk.status(folder) is None:
            self._disk.make_folder(folder)
            self._disk.sync(folder.parent)
        documents.replace(self._disk, path, document)
