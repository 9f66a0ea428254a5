"""Operations on a store as values: drawn by chance, sent elsewhere, done there."""

import random
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from actors.store.moment import Moment
from actors.store.store import Store
from actors.store.trouble import StoreError
from tests.actors.store.rig import (
    BACK,
    CONFIGURED,
    FRONT,
    HOUR_NS,
    NOW,
    Sight,
    digest_of,
    record,
    staged,
)

VERSIONS = ("1", "2", "3", "4")
OFTEN = {"add": 4, "activate": 4, "revert": 3, "settle": 2, "release": 2, "sweep": 2}


class Step(Struct, frozen=True):
    """One operation. What it does not need it does not look at."""

    kind: str
    at: int  # how many steps came before
    slot: str
    version: str
    generation: int

    @property
    def digest(self) -> str:
        return record("street", self.version).digest

    @property
    def now(self) -> Moment:
        """An hour goes by from step to step, and there is a boot every 50 steps."""
        return Moment(NOW.utc_ns + self.at * HOUR_NS, self.at % 50 * 10**9, f"boot-{self.at // 50}")


def _stage(store: Store, step: Step) -> object:
    with staged(store, "street", step.version):
        return "nothing kept"


def _add(store: Store, step: Step) -> object:
    new = replace(record("street", step.version), added_utc_ns=step.now.utc_ns)
    with staged(store, "street", step.version) as package:
        return store.add(package, new, digest_of)


def _activate(store: Store, step: Step) -> object:
    return store.activate(
        step.slot, step.digest, configured=CONFIGURED, probation_s=20, now=step.now
    )


def _revert(store: Store, step: Step) -> object:
    return store.revert(step.slot, step.generation, f"crashed at {step.at}", step.now)


def _sweep(store: Store, _: Step) -> object:
    store.sweep()  # what it finds depends on who died before
    return "swept"


OPERATIONS: dict[str, Callable[[Store, Step], object]] = {
    "stage": _stage,
    "add": _add,
    "activate": _activate,
    "settle": lambda store, step: store.settle(step.slot, step.generation),
    "note_probation": lambda store, step: store.note_probation(step.slot, step.now),
    "rollback": lambda store, step: store.rollback(step.slot, step.now),
    "reload": lambda store, step: store.reload(step.slot),
    "revert": _revert,
    "quarantine": lambda store, step: store.quarantine(step.digest, "leaks", step.now),
    "release": lambda store, step: store.release(step.digest).record,
    "remove": lambda store, step: store.remove(step.digest).record,
    "clean": lambda store, step: store.clean(0, step.now).left,
    "sweep": _sweep,
}


def drawn(dice: random.Random, sight: Sight, at: int) -> Step:
    """Now and then about a generation that has passed."""
    kind = dice.choices(list(OPERATIONS), [OFTEN.get(kind, 1) for kind in OPERATIONS])[0]
    slot = dice.choice((FRONT, BACK))
    generation = sight.slots[slot].slot.generation if slot in sight.slots else 0
    late = dice.random() < 0.1
    return Step(kind, at, slot, dice.choice(VERSIONS), max(0, generation - late))


def performed(store: Store, step: Step) -> str:
    """What came of it."""
    try:
        return f"{step.kind}: {OPERATIONS[step.kind](store, step)}"
    except StoreError as refused:
        return f"refused: {refused}"
