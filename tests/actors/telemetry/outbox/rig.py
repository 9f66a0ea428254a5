"""Letters, an outbox for them, and a sink that notices whatever must not happen to it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from actors.telemetry.letter import Letter, Posted
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits

SECOND_NS = 10**9
NOW_NS = 1_800_000_000 * SECOND_NS
WIDE = Limits(most_bytes=1 << 30, most_age_s=10 * 86400, late_hz=1e9, spare_bytes=0)
STREET, YARD = "results/front/street", "results/back/street"
MANY = 10**6


def letter(word: object, topic: str = STREET, priority: int = 0) -> Letter:
    return Letter(topic, priority, str(word).encode(), "retinue/1", created_utc_ns=NOW_NS - 5)


def letters(words: Iterable[object], topic: str = STREET, priority: int = 0) -> list[Letter]:
    return [letter(word, topic, priority) for word in words]


def words(posted: Iterable[Posted]) -> list[str]:
    return [each.letter.body.decode() for each in posted]


def ids(posted: Iterable[Posted]) -> list[int]:
    return [each.id for each in posted]


@contextmanager
def outbox_of(
    path: Path, sinks: Sequence[str] = ("cloud",), limits: Limits = WIDE
) -> Iterator[Outbox]:
    with closing(Outbox(path, sinks, limits)) as outbox:
        yield outbox


class Receiver:
    """What came to one sink, over all its connections."""

    def __init__(self) -> None:
        self.came: dict[tuple[str, int], str] = {}  # by topic and number: the body
        self.confirmed: set[int] = set()
        self._seen: set[int] = set()
        self._last: dict[tuple[str, bool], int] = defaultdict(int)

    def connect(self) -> None:
        self._seen.clear()
        self._last.clear()

    def take(self, each: Posted) -> None:
        """Order is kept in each lane, and nothing comes twice but over a lost connection."""
        letter = each.letter
        name, lane = (letter.topic, each.number), (letter.topic, each.late)
        assert each.id not in self._seen
        assert each.id not in self.confirmed
        assert each.number > self._last[lane]
        assert self.came.setdefault(name, letter.body.decode()) == letter.body.decode()
        self._seen.add(each.id)
        self._last[lane] = each.number

    def confirm(self, letters: Iterable[int]) -> None:
        self.confirmed.update(letters)
