"""The statements on letters and on what waits. Each runs inside the caller's transaction."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from actors.telemetry.letter import Letter, Posted
from actors.telemetry.outbox.lanes import Span

MS_NS = 1_000_000

INSERT = "INSERT INTO letters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
WAITING = (
    "SELECT letters.id, topics.name, letters.number, priority, body, schema, content_type,"
    " created_utc_ns FROM waiting CROSS JOIN letters ON letters.id = waiting.id"
    " CROSS JOIN topics ON topics.id = letters.topic"
    " WHERE waiting.sink = ? AND waiting.id > ? AND waiting.id < ? ORDER BY waiting.id"
)
UNWANTED = (
    "NOT EXISTS (SELECT 1 FROM sinks CROSS JOIN waiting ON waiting.sink = sinks.id"
    " WHERE waiting.id = letters.id)"
)
COUNT_DROP = (
    "INSERT INTO drops VALUES (?, ?, ?)"
    " ON CONFLICT (topic, reason) DO UPDATE SET count = count + excluded.count"
)


def insert(rows: sqlite3.Connection, letters: Sequence[Letter], now_utc_ns: int) -> None:
    """For each of the sinks."""
    last = _newest(rows) or _start(rows, now_utc_ns)
    topics = {letter.topic for letter in letters}
    numbers = {topic: _topic(rows, topic, now_utc_ns) for topic in topics}
    new = []
    for at, letter in enumerate(letters, last + 1):
        topic, number = numbers[letter.topic]
        numbers[letter.topic] = topic, number + 1
        words = letter.created_utc_ns, letter.schema, letter.content_type, letter.body
        new.append((at, topic, number + 1, letter.priority, now_utc_ns, *words))
    rows.executemany(INSERT, new)
    for (sink,) in rows.execute("SELECT id FROM sinks").fetchall():
        rows.executemany("INSERT INTO waiting VALUES (?, ?)", ((sink, row[0]) for row in new))
    for topic, number in numbers.values():
        rows.execute("UPDATE topics SET number = ? WHERE id = ?", (number, topic))


def skip(rows: sqlite3.Connection, lost: Mapping[str, int], reason: str, now_utc_ns: int) -> None:
    """Letters that never came in: they are counted, and leave a gap in their topic's numbers."""
    for name, count in lost.items():
        topic, number = _topic(rows, name, now_utc_ns)
        rows.execute("UPDATE topics SET number = ? WHERE id = ?", (number + count, topic))
        rows.execute(COUNT_DROP, (topic, reason, count))


def _topic(rows: sqlite3.Connection, name: str, now_utc_ns: int) -> tuple[int, int]:
    """Its id and last number."""
    found = rows.execute("SELECT id, number FROM topics WHERE name = ?", (name,)).fetchone()
    if found:
        return int(found[0]), int(found[1])
    start = _start(rows, now_utc_ns)
    made = rows.execute("INSERT INTO topics (name, number) VALUES (?, ?)", (name, start))
    return made.lastrowid or 0, start


def _start(rows: sqlite3.Connection, now_utc_ns: int) -> int:
    (replaced,) = rows.execute("SELECT replaced FROM origin").fetchone()
    return now_utc_ns // MS_NS if replaced else 0


def shift(rows: sqlite3.Connection, step_ns: int) -> None:
    """The clock was set: letters keep their age. A device may have no clock before its network."""
    rows.execute("UPDATE letters SET accepted_utc_ns = accepted_utc_ns + ?", (step_ns,))


def first_since(rows: sqlite3.Connection, utc_ns: int) -> int:
    """The oldest letter that came in then or later, or else the next that will come."""
    found = rows.execute(
        "SELECT id FROM letters WHERE accepted_utc_ns >= ? ORDER BY accepted_utc_ns, id LIMIT 1",
        (utc_ns,),
    ).fetchone()
    return int(found[0]) if found else _newest(rows) + 1


def _newest(rows: sqlite3.Connection) -> int:
    """The last id that was given to a letter, 0 if none was."""
    found = rows.execute("SELECT seq FROM sqlite_sequence WHERE name = 'letters'").fetchone()
    return int(found[0]) if found else 0


def waiting(rows: sqlite3.Connection, sink: int, span: Span, *, late: bool) -> Iterator[Posted]:
    """As far as the caller takes them."""
    for row in rows.execute(WAITING, (sink, *span)):
        letter, topic, number, *words = row
        yield Posted(letter, number, Letter(topic, *words), late)


def confirm(rows: sqlite3.Connection, sink: int, letters: Iterable[int]) -> None:
    """A letter goes with the last that waited for it."""
    those = [(letter,) for letter in letters]
    rows.executemany(f"DELETE FROM waiting WHERE sink = {sink:d} AND id = ?", those)  # noqa: S608 a number
    rows.executemany(f"DELETE FROM letters WHERE id = ? AND {UNWANTED}", those)  # noqa: S608 a constant


def drop(rows: sqlite3.Connection, letters: Sequence[tuple[int, int]], reason: str) -> None:
    """Letters as (id, topic), for every sink."""
    those = [(letter,) for letter, _ in letters]
    for (sink,) in rows.execute("SELECT id FROM sinks").fetchall():
        rows.executemany(f"DELETE FROM waiting WHERE sink = {sink:d} AND id = ?", those)  # noqa: S608 a number
    rows.executemany("DELETE FROM letters WHERE id = ?", those)
    rows.executemany(COUNT_DROP, [(topic, reason, 1) for _, topic in letters])


def drops(rows: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """By topic and reason."""
    found = rows.execute(
        "SELECT name, reason, count FROM drops JOIN topics ON topics.id = drops.topic"
    )
    return {(topic, reason): count for topic, reason, count in found}


def keep_sinks(rows: sqlite3.Connection, names: Sequence[str], reason: str) -> dict[str, int]:
    """These, by id, and no others. What only others waited for is dropped."""
    known = {str(name): int(sink) for sink, name in rows.execute("SELECT id, name FROM sinks")}
    gone = [name for name in known if name not in names]
    for name in gone:
        rows.execute("DELETE FROM waiting WHERE sink = ?", (known[name],))
        rows.execute("DELETE FROM sinks WHERE name = ?", (name,))
    if gone:
        orphans = f"SELECT id, topic FROM letters WHERE {UNWANTED}"  # noqa: S608 a constant
        drop(rows, rows.execute(orphans).fetchall(), reason)
    for name in names:
        if name not in known:
            rows.execute("INSERT INTO sinks (name) VALUES (?)", (name,))
    return {str(name): int(sink) for sink, name in rows.execute("SELECT id, name FROM sinks")}
