"""Any sequence of calls, beside a model that is a dictionary and a set for each sink."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from actors.telemetry.outbox.lanes import FRESH_NS
from actors.telemetry.outbox.outbox import Outbox
from tests.actors.telemetry.outbox.conftest import IN_MEMORY
from tests.actors.telemetry.outbox.rig import (
    NOW_NS,
    SECOND_NS,
    WIDE,
    Receiver,
    letter,
)

SINKS = "cloud", "file"
sinks, sizes = st.sampled_from(SINKS), st.sampled_from(range(13)[::-1])


class Beside(RuleBasedStateMachine):
    """Ids rise by one, so the model can know them."""

    def __init__(self) -> None:
        super().__init__()
        folder = IN_MEMORY if IN_MEMORY.is_dir() else None
        self._folder = tempfile.TemporaryDirectory(dir=folder)
        self._open()
        self._now_ns, self._count = NOW_NS, 0
        self._waiting: dict[str, dict[int, int]] = {sink: {} for sink in SINKS}  # id: since when
        self._under_way: dict[str, set[int]] = {sink: set() for sink in SINKS}
        self._receivers = {sink: Receiver() for sink in SINKS}

    def _open(self) -> None:
        path = Path(self._folder.name) / "outbox.db"
        self._outbox = Outbox(path, SINKS, WIDE, durable=False)

    @rule(size=sizes)
    def accept(self, size: int) -> None:
        new = range(self._count + 1, self._count + 1 + size)
        self._outbox.accept([letter(at, "abc"[at % 3]) for at in new], self._now_ns)
        for waiting in self._waiting.values():
            waiting.update(dict.fromkeys(new, self._now_ns))
        self._count += size

    @rule(sink=sinks, size=sizes)
    def next(self, sink: str, size: int) -> None:
        waiting = self._waiting[sink]
        due = sorted(waiting.keys() - self._under_way[sink])
        is_late = {at: self._now_ns - waiting[at] > FRESH_NS for at in due}
        expected = sorted(due, key=lambda at: (is_late[at], at))[:size]
        given = self._outbox.next(sink, self._now_ns, size)
        assert [(each.id, each.late) for each in given] == [(at, is_late[at]) for at in expected]
        self._under_way[sink].update(expected)
        for each in given:
            assert each.letter.body == b"%d" % each.id
            self._receivers[sink].take(each)

    @rule(sink=sinks, chosen=st.sets(sizes))
    def confirm(self, sink: str, chosen: set[int]) -> None:
        arrived = [at for n, at in enumerate(sorted(self._under_way[sink])) if n in chosen]
        self._outbox.confirm(sink, arrived)
        self._receivers[sink].confirm(arrived)
        self._under_way[sink].difference_update(arrived)
        for at in arrived:
            del self._waiting[sink][at]

    @rule(sink=sinks)
    def reopen(self, sink: str) -> None:
        self._outbox.reopen(sink)
        self._receivers[sink].connect()
        self._under_way[sink].clear()

    @rule()
    def restart(self) -> None:
        self._outbox.close()
        self._open()
        for sink in SINKS:
            self.reopen(sink)

    @rule(seconds=st.sampled_from([1, 10, 31]))
    def wait(self, seconds: int) -> None:
        self._now_ns += seconds * SECOND_NS

    @invariant()
    def nothing_is_kept_that_nobody_waits_for(self) -> None:
        size = self._outbox.size()
        assert size.waiting == {sink: len(self._waiting[sink]) for sink in SINKS}
        assert size.letters == len(set().union(*self._waiting.values()))

    def teardown(self) -> None:
        given = self._outbox.dropped()
        self._outbox.close()
        self._folder.cleanup()
        assert given == {}


TestBeside = Beside.TestCase
TestBeside.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
