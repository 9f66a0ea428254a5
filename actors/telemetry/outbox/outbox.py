"""What is accepted here is kept on disk until every sink has confirmed it, or it must go.

`accept` returns when its letters survive a power cut; it is called at every turn, with none too,
as it also minds the limits. A confirmation survives the process; a power cut may undo the
newest, and their letters are sent twice. All may be called from any thread.
"""

import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar

from actors.telemetry.letter import Letter, Posted
from actors.telemetry.outbox import file, room, rows
from actors.telemetry.outbox.lanes import FRESH_NS, Lanes
from actors.telemetry.outbox.room import DISK_FULL, SINK_GONE, TOO_MUCH, Limits
from actors.telemetry.outbox.trouble import Damaged, OutboxError, explained

log = logging.getLogger(__name__)

CLOCK_SET_NS = 3600 * 10**9  # no turn takes so long: somebody has set the clock

T = TypeVar("T")


class Size(NamedTuple):
    """What is in the outbox."""

    letters: int
    file_bytes: int
    oldest_utc_ns: int  # when it was accepted; 0 if there is none
    waiting: dict[str, int]  # letters by sink


class Outbox:
    """One process has it open; whoever makes one closes it, after its sinks have ended.

    A damaged file is put aside, said in the log and in `damage`, and a new one begun. A sink
    that is not named any more is forgotten, with what only it waited for; one that is new gets
    what is accepted from now on.
    """

    def __init__(
        self, path: Path, sinks: Sequence[str], limits: Limits, *, durable: bool = True
    ) -> None:
        """Not `durable`: a power cut may take or damage it all. Raises `OutboxError`."""
        if not sinks or len(set(sinks)) != len(sinks):
            raise ValueError(f"sinks must be named, each once, not {list(sinks)}")
        self.damage = ""
        self._path, self._names, self._limits, self._durable = path, tuple(sinks), limits, durable
        self._lock = Lock()
        self._table: sqlite3.Connection | None = None
        self._sinks: dict[str, int] = {}  # name to id
        self._lanes = {name: Lanes(limits.late_hz) for name in sinks}
        self._lost: Counter[str] = Counter()  # letters by topic that the disk did not take
        self._seen_utc_ns = 0  # by the latest `accept`
        self._do(lambda _: None)

    def close(self) -> None:
        with self._lock:
            if self._table:
                self._table.close()

    def accept(self, letters: Sequence[Letter], now_utc_ns: int) -> None:
        """All of them, or `OutboxError`: then they are lost, and counted.

        A letter for which the limits leave no room is dropped as any other.
        """
        with self._lock:
            try:
                self._do(lambda table: self._accept(table, letters, now_utc_ns))
            except OutboxError:
                self._lost.update(letter.topic for letter in letters)
                raise
            self._lost.clear()

    def next(self, sink: str, now_utc_ns: int, most: int) -> list[Posted]:
        """What this sink was not given since `reopen`, fresh ones first. Raises `OutboxError`."""
        with self._lock:
            return self._do(lambda table: self._next(table, sink, now_utc_ns, most))

    def confirm(self, sink: str, ids: Iterable[int]) -> None:
        """These letters have arrived. While the disk refuses to note it, it is kept in mind."""
        with self._lock:
            self._lanes[sink].confirm(list(ids))
            with suppress(OutboxError):  # `accept` meets it as well, and says it
                self._do(self._write_confirmed)

    def reopen(self, sink: str) -> None:
        """The sink's connection was lost: whatever it has not confirmed is given again."""
        with self._lock:
            self._lanes[sink].reopen()

    def dropped(self) -> dict[tuple[str, str], int]:
        """Letters by topic and reason (`room` has the reasons) since the file was made.

        One that was under way to a sink may have arrived all the same.
        """
        with self._lock:
            counts = Counter(self._do(rows.drops))
            counts.update({(topic, DISK_FULL): count for topic, count in self._lost.items()})
        return dict(counts)

    def size(self) -> Size:
        """Counts them all: for health, not for every letter."""
        with self._lock:
            return self._do(self._size)

    def _accept(
        self, table: sqlite3.Connection, letters: Sequence[Letter], now_utc_ns: int
    ) -> None:
        self._write_confirmed(table)
        room.give_back(table)
        with file.transaction(table, "FULL" if self._durable else "OFF"):
            step_ns = now_utc_ns - self._seen_utc_ns
            if self._seen_utc_ns and abs(step_ns) > CLOCK_SET_NS:
                rows.shift(table, step_ns)
            file_bytes = room.pages(table).file_bytes
            allowed = room.allowed_bytes(self._limits, file_bytes, self._available_bytes())
            rows.skip(table, self._lost, DISK_FULL, now_utc_ns)
            rows.insert(table, letters, now_utc_ns)
            room.drop_old(table, self._limits, now_utc_ns)
            reason = TOO_MUCH if allowed == self._limits.most_bytes else DISK_FULL
            room.drop_most(table, allowed, reason, len(letters))
        self._seen_utc_ns = now_utc_ns

    def _next(
        self, table: sqlite3.Connection, sink: str, now_utc_ns: int, most: int
    ) -> list[Posted]:
        lanes, number = self._lanes[sink], self._sinks[sink]
        fresh_span, late_span = lanes.spans(rows.first_since(table, now_utc_ns - FRESH_NS))
        found = rows.waiting(table, number, fresh_span, late=False)
        fresh = list(islice((each for each in found if lanes.is_due(each.id)), most))
        most_late = min(most - len(fresh), lanes.late_credit(now_utc_ns))
        found = rows.waiting(table, number, late_span, late=True)
        late = list(islice((each for each in found if lanes.is_due(each.id)), most_late))
        is_all = len(late) < most_late
        lanes.gave_fresh([each.id for each in fresh])  # not before the disk has given all
        lanes.gave_late([each.id for each in late], late_span.before - 1 if is_all else 0)
        return fresh + late

    def _write_confirmed(self, table: sqlite3.Connection) -> None:
        ready = {name: ids for name, lanes in self._lanes.items() if (ids := lanes.confirmed)}
        if not ready:
            return
        with file.transaction(table, "NORMAL" if self._durable else "OFF"):
            for name, ids in ready.items():
                rows.confirm(table, self._sinks[name], ids)
        for name, ids in ready.items():
            self._lanes[name].wrote(ids)

    def _size(self, table: sqlite3.Connection) -> Size:
        letters, oldest = table.execute(
            "SELECT count(*), min(accepted_utc_ns) FROM letters"
        ).fetchone()
        found = table.execute("SELECT sink, count(*) FROM waiting GROUP BY sink")
        by_sink = dict(found.fetchall())
        waiting = {name: by_sink.get(sink, 0) for name, sink in self._sinks.items()}
        return Size(letters, room.pages(table).file_bytes, oldest or 0, waiting)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """If the file proves to be damaged, once more on a new one."""
        try:
            with explained(self._path):
                return work(self._opened())
        except Damaged as damage:
            with explained(self._path):
                self._begin_anew(damage)
                return work(self._opened())

    def _opened(self) -> sqlite3.Connection:
        if self._table is None:
            table = file.opened(self._path)
            try:
                with file.transaction(table, "FULL"):
                    self._sinks = rows.keep_sinks(table, self._names, SINK_GONE)
            except BaseException:
                table.close()
                raise
            self._table = table
        return self._table

    def _begin_anew(self, damage: Damaged) -> None:
        if self._table:
            self._table.close()
            self._table = None
        aside = file.put_aside(self._path)
        self._lanes = {name: Lanes(self._limits.late_hz) for name in self._names}
        self.damage = (
            f"{damage}; what had not been sent is in {aside}, and a new file was begun; "
            "look after the disk"
        )
        log.error("%s", self.damage)

    def _available_bytes(self) -> int:
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize
