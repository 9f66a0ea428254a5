"""Whatever a power cut takes of what was not synced, each operation is whole or has not happened.

All calls of a history are recorded, and every beginning of it is cut off in every way that
POSIX allows. What is left must show the store as it was before or after the operation under
way, with all earlier ones; and it must go on working.
"""

from collections.abc import Callable
from contextlib import suppress
from itertools import count, pairwise
from pathlib import Path

import pytest

from actors.store.disk import Disk
from actors.store.store import Store
from actors.store.tree import discard
from actors.store.trouble import StoreError
from tests.actors.store.power import Event, Killed, Left, Memory, Recorder, lay_out, taken_up
from tests.actors.store.rig import (
    BACK,
    CONFIGURED,
    FRONT,
    HOUR_NS,
    NOW,
    Hasty,
    Sight,
    activate,
    add,
    record,
    see,
    sweep,
)

OLD = NOW.utc_ns - 2 * HOUR_NS
A, B, C = (record("street", version).digest for version in "123")
NOTHING = Sight({}, {}, {}, (), intact=True)

DONE = Event("done", Path())
RECORDS = "state/models/records/"

Step = Callable[[Store], object]


def choose_what_is_configured(store: Store) -> object:
    return store.activate(FRONT, "", configured=CONFIGURED, probation_s=60, now=NOW)


HISTORIES: dict[str, list[Step]] = {
    "a version comes, runs and goes": [
        lambda store: add(store, "street", "1"),
        lambda store: activate(store, A),
        lambda store: store.settle(FRONT, 1),
        lambda store: store.rollback(FRONT, NOW),
        lambda store: store.remove(A),
    ],
    "a version fails": [
        lambda store: add(store, "street", "1"),
        lambda store: add(store, "street", "2"),
        lambda store: activate(store, A),
        lambda store: store.settle(FRONT, 1),
        lambda store: activate(store, B),
        lambda store: store.revert(FRONT, 2, "crashed", NOW),
        lambda store: store.release(B),
        lambda store: activate(store, B),
    ],
    "what is there comes again": [
        lambda store: add(store, "street", "1"),
        lambda store: add(store, "street", "1"),
        lambda store: store.quarantine(A, "leaks", NOW),
        lambda store: store.remove(A),
        lambda store: add(store, "street", "1"),
    ],
    "cleaning": [
        lambda store: add(store, "street", "1", OLD),
        lambda store: add(store, "street", "2", OLD + 1),
        lambda store: add(store, "street", "3", OLD + 2),
        lambda store: activate(store, C, BACK),
        lambda store: store.clean(600, NOW),
        lambda store: store.sweep(),
    ],
    "a slot without versions": [
        lambda store: store.reload(FRONT),
        lambda store: store.reload(FRONT),
        choose_what_is_configured,
    ],
}  # fmt: skip


def record_history(root: Path, steps: list[Step]) -> tuple[list[Event], list[Sight]]:
    """What the disk was asked for, and what was seen after each step, first of nothing."""
    disk = Recorder()
    store = Store(root / "state", disk)
    sights = [NOTHING]
    for step in steps:
        step(store)
        disk.done()
        sights.append(see(store))
    return disk.events, sights


def go_on(store: Store, before: Sight) -> None:
    """All works again."""
    digest = add(store, "next")
    generation = activate(store, digest)
    assert generation == 1 + (before.slots[FRONT].slot.generation if FRONT in before.slots else 0)
    assert store.revert(FRONT, generation, "crashed", NOW).active != digest
    store.remove(digest)
    assert see(store).troubles == ()


def essence(left: Left) -> frozenset[tuple[str, object]]:
    """What tells it from others: of what is there to be swept, the names on top only."""
    recorded = {path[len(RECORDS) : -len(".json")] for path in left if path.startswith(RECORDS)}
    essential: set[tuple[str, object]] = set()
    for path, state in left.items():
        room, name = (*path.split("/")[2:4], "", "")[:2]
        if room == "staging" or (room == "packages" and name not in recorded):
            essential.add(("/".join(path.split("/")[:5]), None))
        else:
            essential.add((path, None if path.endswith(".tmp") else state))
    return frozenset(essential)


class Cuts:
    """Each beginning of a history cut off in every way, and what was seen then."""

    def __init__(self, live: Path, left: Path) -> None:
        self._live, self._left = live, left
        self._known: set[object] = set()
        self._swept: list[Left] = []
        self.count = 0
        self.seen: dict[int, list[Sight]] = {}  # by how many operations were done

    def of(self, events: list[Event], sights: list[Sight], only_at: int = -1) -> None:
        memory, done = Memory(self._live), 0
        for at, event in enumerate(events):
            memory.apply(event)
            done += event.kind == "done"
            if only_at not in {-1, at} or event.kind == "sync":
                continue  # a sync leaves nothing that could not be left before
            allowed = sights[done : done + (1 if event.kind == "done" else 2)]
            for left in memory.outcomes(seed=at):
                key = done, event.kind == "done", essence(left)
                if key not in self._known:
                    self._known.add(key)
                    sight = self._look(left)
                    assert sight in allowed, f"after {event}"
                    self.seen.setdefault(done, []).append(sight)

    def _look(self, left: Left) -> Sight:
        """And go on, if what a sweep leaves is new."""
        self.count += 1
        lay_out(left, self._left)
        store = Store(self._left / "state", Hasty())
        sight = see(store)
        sweep(store, sight)
        swept = taken_up(self._left)
        if swept not in self._swept:
            self._swept.append(swept)
            go_on(store, sight)
        discard(Disk(), self._left)
        return sight


@pytest.mark.parametrize("name", HISTORIES)
def test_a_power_cut_leaves_each_operation_whole_or_undone(swift: Path, name: str) -> None:
    live = swift / "live"
    live.mkdir()
    events, sights = record_history(live, HISTORIES[name])
    cuts = Cuts(live, swift / "left")
    cuts.of(events, sights)
    assert cuts.count > len(events)  # a cut leaves more than a kill would
    for step, (before, after) in enumerate(pairwise(sights)):
        assert before in cuts.seen[step]
        assert after in cuts.seen[step]  # so a cut fell on either side of what counts


def add_and_activate(store: Store) -> object:
    if not store.version(A).record:
        add(store, "street", "1")
    return activate(store, A)


def remove_if_there(store: Store) -> None:
    with suppress(StoreError):
        store.remove(A)


CUT_SHORT: dict[str, tuple[list[Step], Step, Step]] = {
    "choosing": ([], choose_what_is_configured, choose_what_is_configured),
    "adding": ([], lambda store: add(store, "street", "1"), add_and_activate),
    "activating": (HISTORIES["cleaning"][:1], lambda store: activate(store, A), add_and_activate),
    "settling": (
        HISTORIES["a version fails"][:3],
        lambda store: store.settle(FRONT, 1),
        lambda store: store.settle(FRONT, 1),
    ),
    "reverting": (
        HISTORIES["a version fails"][:5],
        lambda store: store.revert(FRONT, 2, "crashed", NOW),
        lambda store: store.revert(FRONT, 2, "crashed", NOW),
    ),
    "removing": (HISTORIES["cleaning"][:1], remove_if_there, remove_if_there),
}


@pytest.mark.parametrize("name", CUT_SHORT)
def test_what_a_killed_process_began_lasts_once_another_is_done(swift: Path, name: str) -> None:
    """Whoever comes next finds it done, and must not take it for safe."""
    before, first, second = CUT_SHORT[name]
    live = swift / "live"
    cuts = Cuts(live, swift / "left")
    for most_events in count(1):
        live.mkdir()
        disk = Recorder()
        store = Store(live / "state", disk)
        for step in before:
            step(store)
        disk.most_events = len(disk.events) + most_events
        with suppress(Killed):
            first(store)
        was_killed = len(disk.events) == disk.most_events
        disk.most_events = 0
        second(store)
        cuts.of([*disk.events, DONE], [see(store)] * 2, only_at=len(disk.events))
        discard(Disk(), live)
        if not was_killed:
            break
    assert most_events > 5
