"""An entry's slot in the store, and its configuration where that says otherwise."""

import logging
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from actors.config import Config, Inference
from actors.inference.desk import Tenure
from actors.inference.slot import Wanted
from actors.inference.tries import TriesFile
from actors.store.moment import Moment
from actors.store.slot import Slot, effective, probation_left_ns
from actors.store.store import Store
from actors.store.trouble import StoreError
from bus.health import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

NOTE_NS = 10 * SECOND_NS  # of a probation, what a reboot may cost
DIED = "its process ended without leaving its post"


class StoredSlots:
    """As `Slots`. What the store refuses is logged: what runs goes on."""

    def __init__(self, config: Config, entry: Inference, clock: Callable[[], Moment]) -> None:
        self._entry, self._clock = entry, clock
        self._store = Store(config.state)
        self._tries = TriesFile(config.run, entry.name)
        self._serving = -1  # a generation
        self._next_ns = 0

    def generation(self) -> int:
        return self._slot.generation

    def relief(self, tenure: Tenure) -> int:
        reading = self._store.slot(self._entry.name)
        generation = reading.slot.generation
        if reading.trouble or generation <= tenure.generation:  # a guess relieves nobody
            return 0
        now = self._clock()
        return generation if self._tries.read(generation, now).next_ns <= now.boottime_ns else 0

    def choice(self) -> list[Wanted]:
        slot, entry = self._slot, self._entry
        stored: list[Wanted] = []
        if active := effective(slot, entry.model):
            digests = dict.fromkeys(digest for digest in (active, slot.previous) if digest)
            stored = [Wanted(self._store.layout.package(digest), digest) for digest in digests]
        every = stored + ([self._configured()] if entry.model else [])
        return [wanted._replace(generation=slot.generation) for wanted in every]

    def vacated(self, tenure: Tenure | None) -> None:
        slot = self._slot
        if tenure is None or tenure.left or slot.good:
            return
        if (tenure.generation, tenure.digest) == (slot.generation, slot.active):
            self._revert(slot, tenure.fault or DIED)

    def begin(self, generation: int) -> int:
        return self._tries.begin(generation, self._clock()).count

    def served(self, generation: int) -> None:
        self._tries.clear()
        self._serving, self._next_ns = generation, 0

    def ended(self) -> None:
        self._tries.clear()

    def refuse(self, generation: int, reason: str, tenure: Tenure | None) -> None:
        slot = self._slot
        if slot.generation != generation:
            return
        if not slot.good:
            slot = self._revert(slot, reason)
        if tenure and tenure.digest == effective(slot, self._entry.model):
            self._tries.give_up(slot.generation, self._clock())

    def on_probation(self) -> bool:
        return not self._slot.good

    def look(self) -> None:
        now = self._clock()
        if now.boottime_ns < self._next_ns:
            return
        self._next_ns = now.boottime_ns + NOTE_NS
        slot = self._slot
        if slot.good or slot.generation != self._serving:
            return
        with _logged():
            left_ns = probation_left_ns(slot, now)
            if left_ns:
                self._store.note_probation(self._entry.name, now)
                self._next_ns = now.boottime_ns + min(left_ns, NOTE_NS)
            else:
                self._store.settle(self._entry.name, slot.generation)
                log.info("the probation of %s is over", slot.active[:12])

    @property
    def _slot(self) -> Slot:
        return self._store.slot(self._entry.name).slot

    def _configured(self) -> Wanted:
        """A path, or a name of the store."""
        entry = self._entry
        if "/" in entry.model or entry.package.exists() or entry.model != str(entry.package):
            return Wanted(entry.package)
        name, _, version = entry.model.partition("@")
        try:
            found = self._store.find(name, version)
        except StoreError:
            return Wanted(entry.package)  # whoever loads it says that there is none
        return Wanted(found.package, found.digest)

    def _revert(self, slot: Slot, reason: str) -> Slot:
        log.warning("%s: %s: back to what ran before", slot.active[:12], reason)
        with _logged():
            return self._store.revert(self._entry.name, slot.generation, reason, self._clock())
        return slot


@contextmanager
def _logged() -> "Iterator[None]":
    try:
        yield
    except StoreError as error:
        log.error("%s", error)  # noqa: TRY400 one sentence is all that is to be said
