"""A process that works on a store is killed at any point: each step is whole or undone.

The same steps are done on a second store where nobody is killed. So it is known how the first
may look: as before or after the step under way, with all that were acknowledged.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from actors.store.disk import Disk
from actors.store.store import Store
from actors.store.tree import discard
from tests.actors.store.rig import Hasty, Sight, see, sweep
from tests.actors.store.steps import OPERATIONS, Step, drawn, performed
from tests.actors.store.watched import POINTS

ROOT = Path(__file__).parents[3]
KILLS_AT_EACH_POINT = 4
KILLS_ANYWHERE, MOST_POINTS = 84, 80
KILLS_BY_TIME, MOST_LIFE_S = 40, 0.02
DEADLINE_S = 10.0  # of any answer
LONGEST = 65536


class Answer(NamedTuple):
    outcome: str  # of the step, if it was acknowledged
    killed: str  # at which point, or "by time"; "" if it lives


class Victim:
    """Who works on the store: one process after the other."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._pid = 0

    def start(self, order: str) -> None:
        """One that ends itself where `victim` says."""
        self._wire.send(order.encode())
        self._pid = int(self._wire.recv(LONGEST))

    def does(self, step: Step, life_s: float | None) -> Answer:
        """It is killed if it takes longer than this."""
        self._wire.send(msgspec.json.encode(step))
        outcome, killed = "", ""
        while not outcome or killed:
            self._wire.settimeout(DEADLINE_S if killed or life_s is None else life_s)
            try:
                heard = self._wire.recv(LONGEST).decode()
            except TimeoutError:
                assert life_s
                assert not killed
                os.kill(self._pid, signal.SIGKILL)
                killed = "by time"
                continue
            if heard.startswith("died"):
                assert heard == f"died {-signal.SIGKILL}"
                break
            if heard.startswith(("before ", "amid ", "after ")):
                killed = heard
            else:
                outcome = heard
        return Answer(outcome, killed)


@contextmanager
def victim_of(state_dir: Path) -> Iterator[Victim]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.actors.store.victim", str(state_dir)]
    with ours:
        with theirs:
            process = subprocess.Popen(
                [*command, str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd=ROOT
            )
        ours.settimeout(DEADLINE_S)
        yield Victim(ours)
    assert process.wait(DEADLINE_S) == 0


def check(before: Sight, after: Sight) -> None:
    """What one step must leave and may change."""
    assert after.troubles == ()
    assert after.intact
    for name, (slot, _) in after.slots.items():
        for digest in {slot.active, slot.previous} - {""}:
            there = after.records[digest]
            assert there
            assert there.admission
        was = before.slots[name].slot if name in before.slots else None
        assert slot.generation >= (was.generation if was else 0)
        if slot.active != (was.active if was else ""):
            assert slot.active not in before.notes
    assert before.slots.keys() <= after.slots.keys()


def may_leave(step: Step, before: Sight, sight: Sight, after: Sight) -> bool:
    """Whether it may look so with the step not acknowledged."""
    if step.kind != "clean":
        return sight == before
    there = sight.records.items()  # versions go one by one
    return (
        after.records.items() <= there <= before.records.items()
        and sight._replace(records=before.records) == before
    )


def restore_use(store: Store, twin: Store) -> None:
    """A kill may cost the time of a use, which is about an order only: here it has not."""
    for version in twin.versions().versions:
        record = store.layout.record(version.digest)
        if record.exists():
            os.utime(record, ns=(version.used_utc_ns, version.used_utc_ns))


def check_sweep(state_dir: Path, sight: Sight, spare_dir: Path) -> None:
    """Of a copy, so that who comes next finds what the dead have left."""
    shutil.copytree(state_dir, spare_dir)
    sweep(Store(spare_dir), sight)
    discard(Disk(), spare_dir)


def deaths(dice: random.Random) -> Iterator[tuple[str, float | None]]:
    """What to tell the next victim, and how long it may live at most: two hundred of them."""
    for point in POINTS * KILLS_AT_EACH_POINT:
        yield f"{dice.randint(1, 3)} {point}", None
    for _ in range(KILLS_ANYWHERE):
        yield f"{dice.randint(1, MOST_POINTS)}", None
    for _ in range(KILLS_BY_TIME):
        yield "0", dice.uniform(0, MOST_LIFE_S)


def test_a_kill_leaves_each_step_whole_or_undone(swift: Path) -> None:
    state_dir, dice = swift / "state", random.Random(1)  # noqa: S311 no secret
    twin = Store(swift / "twin", Hasty())
    before = after = see(twin)
    step, expected, at = None, "", 0
    done: set[str] = set()
    points: set[str] = set()
    with victim_of(state_dir) as victim:
        for order, life_s in deaths(dice):
            victim.start(order)
            end_s, killed = time.monotonic() + (life_s or 0), ""
            while not killed:
                if step is None:
                    step, at = drawn(dice, after, at), at + 1
                    expected, before = performed(twin, step), after
                    after = see(twin)
                    check(before, after)
                left_s = None if life_s is None else max(end_s - time.monotonic(), 1e-4)
                outcome, killed = victim.does(step, left_s)
                if outcome:
                    assert outcome == expected
                    done.add(outcome.split()[0])
                    step = None
            points.add(killed)
            sight = see(Store(state_dir))
            assert sight == after or (step and may_leave(step, before, sight, after)), killed
            if sight == after:
                step = None
            restore_use(Store(state_dir), twin)
            if state_dir.exists():
                check_sweep(state_dir, sight, swift / "spare")
    assert {f"{kind}:" for kind in OPERATIONS} <= done
    assert points == {*POINTS, "by time"}
