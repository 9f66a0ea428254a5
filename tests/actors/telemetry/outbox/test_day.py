"""A day offline at ten results a second, then the way back: time is an input, so it takes seconds.

The outbox holds a part of the day. Its file, its log and its memory stay within their bounds.
"""

from collections import Counter
from contextlib import closing
from pathlib import Path

from actors.telemetry.letter import EVENTS, Letter, Posted
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits
from tests.actors.telemetry.outbox.rig import NOW_NS, SECOND_NS, ids

MIB = 1024 * 1024
LIMITS = Limits(most_bytes=8 * MIB, most_age_s=7 * 86400, late_hz=50.0, spare_bytes=0)
DAY_S, TURN_S, RESULTS_HZ = 86400, 20, 10
FULL_AT, MOST_GROWTH = 500, 8 * MIB  # from a turn on at which it is full; 300 MiB pass after it
BODY = b'{"camera": "front", "boxes": [%s], "at": %d}'
BOXES = b"0.25, " * 50


def results(now_ns: int) -> list[Letter]:
    """Of one turn, for two cameras; an event every hour."""
    bodies = (BODY % (BOXES, at) for at in range(TURN_S * RESULTS_HZ))
    new = [Letter(f"results/{n % 2}/street", 0, body, "percept") for n, body in enumerate(bodies)]
    if (now_ns - NOW_NS) % (3600 * SECOND_NS) == 0:
        new.append(Letter("models/street", EVENTS, b"{}", "percept"))
    return new


def file_bytes(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.iterdir())


def memory_bytes() -> int:
    """Of this process, SQLite's included; what lies in files in memory is not."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("RssAnon:") + 1]) * 1024


class Tally:
    """What came: how many of a topic, and the last number of a lane."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        self.last: Counter[tuple[str, bool]] = Counter()

    def take(self, each: Posted) -> None:
        lane = each.letter.topic, each.late
        assert each.number > self.last[lane]
        self.last[lane] = each.number
        self.came[each.letter.topic] += 1


def test_a_day_offline_is_kept_within_bounds_and_drained(path: Path) -> None:
    now_ns, accepted, tally = NOW_NS, Counter[str](), Tally()
    with closing(Outbox(path, ["cloud"], LIMITS, durable=False)) as outbox:
        for turn in range(DAY_S // TURN_S):
            new = results(now_ns)
            outbox.accept(new, now_ns)
            accepted.update(letter.topic for letter in new)
            now_ns += TURN_S * SECOND_NS
            if turn == FULL_AT:
                before_bytes = memory_bytes()
            if turn % 50 == 0:
                assert file_bytes(path) < LIMITS.most_bytes + 6 * MIB
        waiting = outbox.size().letters
        assert waiting > 10_000
        seconds = drain(outbox, tally, now_ns)
        assert seconds < 1.05 * waiting / LIMITS.late_hz + 1
        assert memory_bytes() < before_bytes + MOST_GROWTH
        assert outbox.size().file_bytes < MIB
        dropped = outbox.dropped()
    assert tally.came["models/street"] == 24
    assert len(accepted) == 3
    for topic, count in accepted.items():
        assert tally.came[topic] + dropped.get((topic, "bytes"), 0) == count
        assert max(tally.last[topic, late] for late in (False, True)) == count


def drain(outbox: Outbox, tally: Tally, now_ns: int) -> int:
    """Seconds until nothing is left, with ten fresh ones in each, which wait for nothing."""
    seconds = 0
    while outbox.size().letters:
        seconds += 1
        now_ns += SECOND_NS
        fresh = [Letter("now", 0, b"%d.%d" % (seconds, at), "percept") for at in range(10)]
        outbox.accept(fresh, now_ns)
        given = outbox.next("cloud", now_ns, 210)
        assert [each.letter for each in given if each.letter.topic == "now"] == fresh
        for each in given:
            tally.take(each)
        outbox.confirm("cloud", ids(given))
    return seconds
