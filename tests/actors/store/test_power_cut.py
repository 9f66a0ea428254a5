"""Whatever a power cut takes of what was not synced, each operation is whole or has not happened.

All calls of a history are recorded, and every beginning of it is cut off in every way that
POSIX allows. What is left must show the store as it was before or after the operation under
way, with all earlier ones; and it must go on working.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from actors.store.disk import Disk
from actors.store.store import Store
from actors.store.tree import discard
from tests.actors.store.power import Event, Left, Memory, Recorder, lay_out, taken_up
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

RECORDS = "state/models/records/"

Step = Callable[[Store], object]

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
        lambda store: store.activate(
            FRONT, "", configured=CONFIGURED, probation_s=60, now=NOW
        ),
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


@pytest.mark.parametrize("name", HISTORIES)
def test_a_power_cut_leaves_each_operation_whole_or_undone(swift: Path, name: str) -> None:
    (swift / "live").mkdir()
    events, sights = record_history(swift / "live", HISTORIES[name])
    memory, done = Memory(swift / "live"), 0
    known: set[object] = set()
    left_at: dict[int, list[Sight]] = {step: [] for step in range(len(sights))}
    tried: list[Left] = []
    for at, event in enumerate(events):
        memory.apply(event)
        done += event.kind == "done"
        allowed = sights[done : done + (1 if event.kind == "done" else 2)]
        for left in memory.outcomes(seed=at):
            key = done, event.kind == "done", essence(left)
            if key in known:
                continue
            known.add(key)
            root = swift / "left"
            lay_out(left, root)
            store = Store(root / "state", Hasty())
            sight = see(store)
            assert sight in allowed, f"after {event}"
            left_at[done].append(sight)
            sweep(store, sight)
            swept = taken_up(root)
            if swept not in tried:
                tried.append(swept)
                go_on(store, sight)
            discard(Disk(), root)
    assert len(known) > len(events)  # a cut leaves more than a kill would
    for step, (before, after) in enumerate(pairwise(sights)):
        assert before in left_at[step]
        assert after in left_at[step]  # so a cut fell on either side of what counts
