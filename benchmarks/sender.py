"""A telemetry actor's way out, alone: accepts numbered letters and sends them to a broker.

`python -m benchmarks.sender FOLDER PORT LETTERS FULL` goes on where the process before it was
killed: `accepted` in the folder says how far that was. FULL: for the first second the disk is full.
"""

import os
import random
import resource
import sys
import time
from pathlib import Path

from actors.backoff import Backoff
from actors.clock import utc_ns
from actors.telemetry.letter import Letter
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits
from actors.telemetry.outbox.trouble import OutboxError
from actors.telemetry.sinks.broker import Broker
from actors.telemetry.sinks.courier import Courier
from actors.telemetry.sinks.mqtt import Mqtt

TOPICS = ("results/front/street", "results/back/street", "health/camera-front")
LIMITS = Limits(1 << 30, 86_400.0, late_hz=1e6)
SINK = "broker"
AT_ONCE = 20
FULL_BYTES, FULL_S = 4096, 1.0
TURN_S = 0.01


def main() -> None:
    folder, port, letters, full = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    outbox = Outbox(folder / "outbox.db", [SINK], LIMITS)
    connect = Mqtt(Broker("127.0.0.1", port, answer_s=3.0)).connect
    sink = Courier(SINK, connect, outbox, Backoff(0.05, 0.3, random.random), utc_ns)
    sink.start()
    journal = os.open(folder / "accepted", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    accepted = int((os.read(journal, 1 << 24).split() or [b"0"])[-1])
    begun_s = time.monotonic()
    limit_disk(full=bool(full))
    while accepted < letters:
        if full and time.monotonic() - begun_s > FULL_S:
            limit_disk(full=False)
        last = min(letters, accepted + AT_ONCE)
        try:
            outbox.accept([letter(n) for n in range(accepted + 1, last + 1)], utc_ns())
        except OutboxError:
            time.sleep(TURN_S)
            continue
        accepted = last
        os.write(journal, b"%d\n" % accepted)
        sink.wake()
    while outbox.size().letters:
        time.sleep(TURN_S)
    sink.stop()


def letter(number: int) -> Letter:
    body = b'{"n": %d, "rest": "%s"}' % (number, b"x" * 200)
    topic = TOPICS[number % len(TOPICS)]
    return Letter(topic, 0, body, "retinue/1", created_utc_ns=utc_ns())


def limit_disk(*, full: bool) -> None:
    """Full: no file of this process grows beyond what is nothing."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES if full else hard, hard))


if __name__ == "__main__":
    main()
