"""A process that works on an outbox is killed at any point: of what it accepted nothing is lost.

Two sinks lose connections and confirmations all the while. What comes twice comes over a cut.
"""

import os
import random
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.actors.telemetry.outbox.rig import NOW_NS, Receiver, outbox_of
from tests.actors.telemetry.outbox.victim import (
    LIMITS,
    MOST_LETTERS,
    SINKS,
    Accepted,
    Accepting,
    Confirmed,
    Cut,
    Died,
    Given,
    Order,
    Started,
    Wire,
)

ROOT = Path(__file__).parents[4]
LETTERS, KILLS = 100_000, 60
MOST_HEARD = 2 * 8 * LETTERS // KILLS // (MOST_LETTERS // 2)  # by a life, so that all add up
DEADLINE_S = 20.0


class Parent:
    """All that was said, and what follows from it."""

    def __init__(self) -> None:
        self.receivers = {sink: Receiver() for sink in SINKS}
        self.accepted: set[int] = set()
        self.in_doubt: list[set[int]] = []  # killed while it accepted these
        self.now_ns, self.next, self.twice = NOW_NS, 0, 0
        self._accepting: set[int] = set()

    def hear(self, said: object) -> None:
        match said:
            case Accepting(first, count, now_ns):
                self._accepting = set(range(first, first + count))
                self.next, self.now_ns = first + count, now_ns
            case Accepted():
                self.accepted |= self._accepting
                self._accepting = set()
            case Given(sink, letters):
                for each in letters:
                    self.twice += (each.letter.topic, each.number) in self.receivers[sink].came
                    self.receivers[sink].take(each)
            case Confirmed(sink, ids):
                self.receivers[sink].confirm(ids)
            case Cut(sink):
                self.receivers[sink].connect()
            case Died(number):
                assert number == signal.SIGKILL
                self.in_doubt.append(self._accepting)
                self._accepting = set()
                for receiver in self.receivers.values():
                    receiver.connect()


@contextmanager
def victim_of(path: Path) -> Iterator[Wire]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.actors.telemetry.outbox.victim", str(path)]
    with ours:
        with theirs:
            process = subprocess.Popen(
                [*command, str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd=ROOT
            )
        ours.settimeout(DEADLINE_S)
        yield Wire(ours)
    assert process.wait(DEADLINE_S) == 0


def live_and_die(wire: Wire, parent: Parent, dice: random.Random) -> None:
    wire.say(Order(dice.getrandbits(32), parent.now_ns, parent.next))
    started = wire.hear()
    assert isinstance(started, Started)
    for _ in range(dice.randint(1, MOST_HEARD)):
        parent.hear(wire.hear())
    os.kill(started.pid, signal.SIGKILL)
    said: object = None
    while not isinstance(said, Died):
        said = wire.hear()
        parent.hear(said)


def test_kills_and_cuts_lose_nothing_and_repeat_nothing_else(path: Path) -> None:
    dice, parent, kills = random.Random(1), Parent(), 0  # noqa: S311 no secret
    with victim_of(path) as wire:
        while kills < KILLS or len(parent.accepted) < LETTERS:
            live_and_die(wire, parent, dice)
            kills += 1
    with outbox_of(path, SINKS, LIMITS) as outbox:
        for sink, receiver in parent.receivers.items():
            for each in outbox.next(sink, parent.now_ns, LETTERS):
                receiver.take(each)
        assert outbox.dropped() == {}
    assert parent.twice
    for receiver in parent.receivers.values():
        came = set(map(int, receiver.came.values()))
        assert len(came) == len(receiver.came)
        assert parent.accepted <= came
        assert all(batch <= came or not batch & came for batch in parent.in_doubt)
        assert came <= parent.accepted.union(*parent.in_doubt)
        in_order = defaultdict(list)
        for (topic, number), word in sorted(receiver.came.items()):
            in_order[topic].append((number, int(word)))
        for numbered in in_order.values():
            assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
            assert numbered == sorted(numbered, key=lambda each: each[1])
