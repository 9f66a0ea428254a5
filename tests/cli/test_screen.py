"""What is drawn, at the sizes of real terminals."""

import re

import pytest
from msgspec.structs import replace
from rich.console import Console

from bus.messages import Box, FrameRef, Health, Result, Tick
from cli.board import Board, Looker
from cli.rows import LatencyMs, Row
from cli.screen import counted, screen_of
from cli.table import table_of

SECOND_NS = 1_000_000_000
TRIES = ["Try: this", "     that"]


def result(*labels: str, at_s: float = 1.0) -> Result:
    return Result(
        camera="front",
        frame_seq=5,
        captured_ns=int(at_s * SECOND_NS),
        captured_utc_ns=0,
        ref=FrameRef("camera-front", 1, 0, 1),
        inference="people",
        model="street",
        version="3",
        family="ssd",
        device="CPU",
        spent_ms=2.5,
        boxes=[Box(label, 0.9, 0.1, 0.1, 0.2, 0.2) for label in labels],
    )


def health(actor: str, pid: int, detail: str = "") -> Health:
    return Health(
        actor=actor,
        stage=actor.partition("-")[0],
        pid=pid,
        state="running",
        detail=detail,
        fps=29.9,
        latency_ms_p50=7.1,
        latency_ms_p99=10.2,
        restarts=2,
        dropped=12345,
        rss_bytes=90_000_000,
        uptime_s=3600,
        model="a-network-with-a-rather-long-name-2000@sha256-0123456789ab",
        device="CPU",
        published_ns=SECOND_NS,
    )


ACTORS = {"camera-front": 11, "inference-people": 12, "overlay": 13, "rtsp": 14, "watchdog-0": 15}


def board_of(seen: Result | None = None) -> Board:
    board = Board([Looker("front", "people")])
    board.seen(Tick(now_ns=SECOND_NS, now_utc_ns=SECOND_NS))
    for actor, pid in ACTORS.items():
        board.seen(health(actor, pid))
    board.found(ACTORS, {})
    if seen:
        board.seen(seen)
    return board


def drawn(board: Board, width: int = 80, height: int = 24) -> list[str]:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    with console.file:
        console.print(screen_of(board, "/run/x", TRIES, width=width, height=height))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_it_says_what_is_seen_now() -> None:
    text = "\n".join(drawn(board_of(result("car", "person", "person"))))
    assert "front (people): 2 person, 1 car  street@3 on CPU, 2.5 ms, frame 5" in text


def test_not_looking_never_reads_as_nothing_there() -> None:
    assert "front (people): nobody has looked yet" in drawn(board_of())
    old = board_of(result())
    assert any("front (people): nothing there" in line for line in drawn(old))
    old.seen(Tick(now_ns=9 * SECOND_NS))
    assert "front (people): nobody has looked for 8 s" in drawn(old)


def test_labels_are_counted_and_numbers_are_called_classes() -> None:
    assert counted(result("1", "bus", "1")) == "2 class 1, 1 bus"


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_nothing_is_wider_or_higher_than_the_terminal(width: int) -> None:
    board = board_of(result("person"))
    board.seen(health("rtsp", 14, detail="words that go on and on " * 12))
    for pid in range(100, 120):
        board.found(ACTORS | {"overlay": pid}, {})
    lines = drawn(board, width)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= width


def test_a_narrow_table_keeps_what_is_needed_most() -> None:
    heads = drawn(board_of(), 80)[1].split()
    assert {"actor", "state", "restarts", "fps", "p50/p99", "dropped", "device"} <= set(heads)
    assert not {"MB", "up", "model"} & set(heads)
    assert {"actor", "state", "fps"} <= set(drawn(board_of(), 45)[1].split())
    assert "model" in drawn(board_of(), 160)[1]
    assert "MB" in drawn(board_of(), 200)[1]


def test_events_are_told_newest_first_with_their_times() -> None:
    board = board_of()
    board.found(ACTORS | {"overlay": 0}, {})
    board.found(ACTORS | {"overlay": 0, "rtsp": 0}, {})
    told = [line for line in drawn(board) if "ended" in line]
    assert [line.split(" ", 1)[1] for line in told] == [
        "rtsp ended (process 14)",
        "overlay ended (process 13)",
    ]
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in told)


def test_what_to_try_gives_way_to_the_rest() -> None:
    board = board_of()
    assert drawn(board, height=14)[-2:] == TRIES
    assert "Try: this" not in drawn(board, height=12)
    board.found(dict.fromkeys(ACTORS, 0), {})
    assert "Try: this" not in drawn(board, height=14)
    assert drawn(board, height=24)[-2:] == TRIES


def test_what_running_actors_say_gives_way_to_what_is_seen() -> None:
    board = board_of(result("person"))
    board.seen(health("rtsp", 14, detail="0 viewers"))
    board.seen(replace(health("overlay", 13, detail="stands by"), state="standby"))
    assert {"rtsp: 0 viewers", "overlay: stands by"} < set(drawn(board, height=24))
    low = drawn(board, height=9)
    assert len(low) == 9
    assert "1 person" in low[-1]


def test_a_device_that_stopped_is_waited_for() -> None:
    board = board_of()
    assert "5 of 5 actors run in /run/x" in drawn(board)[0]
    board.found(dict.fromkeys(ACTORS, 0), {})
    assert "Nothing runs in /run/x: waiting for `retinue up`" in drawn(board)[0]


def test_a_table_without_a_width_has_the_columns_that_say_something() -> None:
    row = Row(actor="rtsp", pid=1, state="running", latency_ms=LatencyMs(1.0, 2.0))
    heads = [str(column.header) for column in table_of([row]).columns]
    assert heads == ["actor", "pid", "state", "p50/p99 ms"]
