"""The board as a screenful (pure): the table, what is seen, what happened, what to try.

Where it gets tight, columns go first, then what to try, then older events, then what those that
run or stand by have to say.
"""

import textwrap
import time
from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from bus.messages import Result
from cli.board import Board, Event, Looker
from cli.rows import Row
from cli.table import ALARM, COLOURS, table_of

QUIET = {"running", "standby"}  # states that nobody need be told the reason of
OLD_S = 2.0  # a result older than this says nothing about now
FEW_EVENTS, SHOWN_EVENTS = 4, 8  # what to try gives way to the first four


def screen_of(
    board: Board, place: str, tries: Sequence[str], *, width: int, height: int
) -> RenderableType:
    """At most `height` lines of at most `width` columns. `place`: which device this is."""
    rows, seen = board.rows(), [Text(), *_seen(board)]
    room = height - 2 - len(rows) - len(seen)  # title and heads are two
    details = _details(rows, width)
    if len(details) > room:
        details = _details([row for row in rows if row.state not in QUIET], width)
    room -= len(details)
    lines = [*details, *seen]
    if room > len(tries) + min(len(board.events), FEW_EVENTS) + 1:
        room -= len(tries) + 1
        lines += _events(board.events, room)
        lines += [Text(), *(Text(words, "dim") for words in tries)]
    else:
        lines += _events(board.events, room)
    for text in lines:
        text.truncate(width, overflow="ellipsis")
    return Group(_title(rows, place, board, width), table_of(rows, width), *lines)


def _title(rows: Sequence[Row], place: str, board: Board, width: int) -> Text:
    alive = sum(bool(row.pid) for row in rows)
    if alive:
        said = f"{alive} of {len(rows)} actors run in {place} · Ctrl-C ends this view only"
    else:
        said = f"Nothing runs in {place}: waiting for `retinue up`"
    text = Text(f"{_clock(board.now.now_utc_ns)} {said}", "bold" if alive else f"bold {ALARM}")
    text.truncate(width, overflow="ellipsis")
    return text


def _details(rows: Sequence[Row], width: int) -> list[Text]:
    return [
        Text(line, COLOURS.get(row.state, ALARM))
        for row in rows
        if row.detail
        for line in textwrap.wrap(f"{row.actor}: {row.detail}", width, subsequent_indent="  ")
    ]


def _seen(board: Board) -> list[Text]:
    """A line for each camera and entry, so that not looking never reads as nothing there."""
    return [_sight(board, *entry) for entry in sorted(board.results.items())]


def _sight(board: Board, looker: Looker, result: Result | None) -> Text:
    text = Text.assemble((looker.camera, "bold"), f" ({looker.inference}): ")
    if result is None:
        return text.append("nobody has looked yet", "yellow")
    age_s = board.age_s(result)
    if age_s > OLD_S:
        return text.append(f"nobody has looked for {age_s:.0f} s", "yellow")
    text.append(counted(result), "bold")
    if result.status != "ok":
        text.append(f" ({result.status})", "yellow")
    return text.append(
        f"  {result.model}@{result.version} on {result.device}, "
        f"{result.spent_ms:.1f} ms, frame {result.frame_seq}",
        "dim",
    )


def counted(result: Result) -> str:
    """`3 person, 2 car`, most frequent first; without labels a network has only numbers."""
    counts = Counter(
        f"class {box.label}" if box.label.isdecimal() else box.label for box in result.boxes
    )
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{count} {label}" for label, count in ordered) or "nothing there"


def _events(events: Sequence[Event], room: int) -> list[Text]:
    """An empty line and the newest that fit, newest first."""
    newest = list(events)[: max(0, min(SHOWN_EVENTS, room - 1))]
    if not newest:
        return []
    return [Text(), *map(_event, newest)]


def _event(event: Event) -> Text:
    style = COLOURS.get(event.state, ALARM)
    return Text.assemble((_clock(event.at_utc_ns), "dim"), f" {event.actor} ", (event.what, style))


def _clock(utc_ns: int) -> str:
    """Time of day where the viewer sits."""
    return time.strftime("%H:%M:%S", time.localtime(utc_ns / 1e9))
