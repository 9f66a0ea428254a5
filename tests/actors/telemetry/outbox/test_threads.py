"""Sinks take from the outbox in threads of their own while letters come in."""

import threading
from pathlib import Path

from tests.actors.telemetry.outbox.rig import NOW_NS, Receiver, ids, letters, outbox_of

SINKS, BATCHES, BATCH = ("cloud", "file"), 200, 10
DEADLINE_S = 30.0


def test_each_sink_gets_all_at_its_own_pace(path: Path) -> None:
    receivers = {sink: Receiver() for sink in SINKS}
    ended = threading.Event()
    with outbox_of(path, SINKS) as outbox:

        def deliver(sink: str) -> None:
            receiver = receivers[sink]
            while len(receiver.came) < BATCHES * BATCH and not ended.is_set():
                given = outbox.next(sink, NOW_NS, 7)
                for each in given:
                    receiver.take(each)
                outbox.confirm(sink, ids(given))
                receiver.confirm(ids(given))

        threads = [threading.Thread(target=deliver, args=(sink,)) for sink in SINKS]
        for thread in threads:
            thread.start()
        for at in range(BATCHES):
            outbox.accept(letters(range(at * BATCH, (at + 1) * BATCH)), NOW_NS)
        for thread in threads:
            thread.join(DEADLINE_S)
        ended.set()
        for thread in threads:
            thread.join(DEADLINE_S)
        assert outbox.size().letters == 0
    for receiver in receivers.values():
        assert sorted(map(int, receiver.came.values())) == list(range(BATCHES * BATCH))
