"""Which wish is worked off next, and when again (pure): one at a time, what failed later."""

from collections.abc import Mapping
from typing import NamedTuple

from actors.models.shelf import Lying
from actors.store.wish import Wish
from bus.health import SECOND_NS

FIRST_NS, LONGEST_NS = 10 * SECOND_NS, 600 * SECOND_NS


class Errand(NamedTuple):
    """A slot's wish, to be worked off."""

    slot: str
    wish: Wish


class Setback(NamedTuple):
    """The last attempt failed, and another one may not."""

    step: int  # of the wish
    failures: int
    next_ns: int
    reason: str


class Errands:
    """What is to be done. Configuration's order, but who failed waits longer each time."""

    def __init__(self) -> None:
        self._setbacks: dict[str, Setback] = {}

    def due(self, lying: Mapping[str, Lying], now_ns: int) -> Errand | None:
        for slot, there in lying.items():
            if there.wish is None or not there.is_open:
                continue
            setback = self.setback(slot, there)
            if setback is None or setback.next_ns <= now_ns:
                return Errand(slot, there.wish)
        return None

    def setback(self, slot: str, there: Lying) -> Setback | None:
        """That of the wish as it is now."""
        setback = self._setbacks.get(slot)
        current = setback and there.wish and there.is_open and setback.step == there.wish.step
        return setback if current else None

    def failed(self, errand: Errand, reason: str, now_ns: int) -> None:
        before = self._setbacks.get(errand.slot)
        repeated = before is not None and before.step == errand.wish.step
        failures = before.failures + 1 if before and repeated else 1
        wait_ns = min(FIRST_NS << min(failures - 1, 30), LONGEST_NS)
        setback = Setback(errand.wish.step, failures, now_ns + wait_ns, reason)
        self._setbacks[errand.slot] = setback
