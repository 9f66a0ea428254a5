"""A sink's thread between a real outbox and connections that a test breaks."""

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import pytest

from actors.telemetry.letter import Posted
from actors.telemetry.sinks.sink import Down, Link, Turn
from tests.actors.telemetry.sinks.rig import DEADLINE_S, OLD_NS, Watched, courier_of, letters

MOST = 4


class Wire:
    """A connection: what it was given, and what of it the test lets arrive."""

    def __init__(self, wake: Callable[[], None], changed: Callable[[], None]) -> None:
        self._wake, self._changed, self._lock = wake, changed, threading.Lock()
        self.given: list[Posted] = []
        self._arrived: list[int] = []
        self._open, self._fault = 0, ""
        self.closed = False

    def turn(self) -> Turn:
        with self._lock:
            arrived, self._arrived = self._arrived, []
            self._open -= len(arrived)
            if self._fault and not arrived:
                raise Down(self._fault)
            return Turn(up=True, room=0 if self._fault else MOST - self._open, confirmed=arrived)

    def send(self, letters: Sequence[Posted]) -> None:
        with self._lock:
            self.given += letters
            self._open += len(letters)
            assert self._open <= MOST
        self._changed()

    def close(self) -> None:
        self.closed = True
        self._changed()

    def has(self, count: int) -> bool:
        return len(self.given) == count

    @property
    def words(self) -> str:
        return "".join(json.loads(each.letter.body)["word"] for each in self.given)

    def arrive(self, given: Iterable[Posted]) -> None:
        with self._lock:
            self._arrived += [each.id for each in given]
        self._wake()

    def cut(self, fault: str) -> None:
        with self._lock:
            self._fault = fault
        self._wake()


class Exchange:
    """Makes connections, unless it is told to refuse."""

    def __init__(self, watched: Watched) -> None:
        self.wires: list[Wire] = []
        self.refusal: Exception | None = None
        self._changed = watched.changed

    def connect(self, wake: Callable[[], None]) -> Link:
        if self.refusal:
            raise self.refusal
        self.wires.append(Wire(wake, self._changed))
        return self.wires[-1]


@pytest.fixture
def exchange(watched: Watched) -> Exchange:
    return Exchange(watched)


def test_it_sends_what_there_is_room_for(watched: Watched, exchange: Exchange) -> None:
    watched.accept(letters("abcdefg"))
    with courier_of(exchange.connect, watched):
        watched.until(lambda: bool(exchange.wires) and exchange.wires[0].words == "abcd")
        (wire,) = exchange.wires
        wire.arrive(wire.given[1:3])
        watched.until(lambda: wire.words == "abcdef")
    assert [each.id for each in wire.given[1:3]] == watched.confirmed
    assert watched.outbox.size().letters == 5


def test_what_is_new_is_sent_at_once(watched: Watched, exchange: Exchange) -> None:
    with courier_of(exchange.connect, watched) as sink:
        watched.until_said("sink sink: up")
        (wire,) = exchange.wires
        for count, word in enumerate("abcd", 1):
            watched.accept(letters(word))
            sink.wake()
            watched.until(partial(wire.has, count))


def test_after_a_lost_connection_comes_what_was_not_confirmed(
    watched: Watched, exchange: Exchange
) -> None:
    watched.accept(letters("abcdef"))
    with courier_of(exchange.connect, watched) as sink:
        watched.until(lambda: bool(exchange.wires) and exchange.wires[0].words == "abcd")
        first = exchange.wires[0]
        first.arrive(first.given[:1])
        watched.until(lambda: first.words == "abcde")
        first.cut("the line broke")
        watched.until(lambda: len(exchange.wires) == 2 and exchange.wires[1].words == "bcde")
        second = exchange.wires[1]
        assert first.closed
        second.arrive(second.given)
        watched.until(lambda: second.words == "bcdef")
        second.arrive(second.given[4:])
        watched.until_empty()
        assert sink.state.up
    assert (sink.state.sent, sink.state.confirmed) == (10, 6)
    assert "sink sink: the line broke" in watched.said


def test_what_was_confirmed_before_the_cut_is_not_sent_again(
    watched: Watched, exchange: Exchange
) -> None:
    watched.accept(letters("abc"))
    with courier_of(exchange.connect, watched):
        watched.until(lambda: bool(exchange.wires) and exchange.wires[0].words == "abc")
        first = exchange.wires[0]
        first.arrive(first.given[:2])
        first.cut("the line broke")
        watched.until(lambda: len(exchange.wires) == 2 and bool(exchange.wires[1].words))
        assert exchange.wires[1].words == "c"


def test_a_refused_connection_is_tried_again_and_said_once(
    watched: Watched, exchange: Exchange
) -> None:
    exchange.refusal = Down("nobody there")
    watched.accept(letters("a"))
    with courier_of(exchange.connect, watched) as sink:
        watched.until_said("sink sink: nobody there")
        state = sink.state
        assert (state.up, state.reason, state.sent) == (False, "nobody there", 0)
        exchange.refusal = None
        watched.until(lambda: bool(exchange.wires) and exchange.wires[0].words == "a")
        assert sink.state.since_utc_ns > state.since_utc_ns
    assert watched.said == ["sink sink: nobody there", "sink sink: up", "sink sink: stopped"]


def test_late_letters_go_beside_fresh_ones(watched: Watched, exchange: Exchange) -> None:
    watched.accept(letters("ab"), OLD_NS)
    watched.accept(letters("c"))
    with courier_of(exchange.connect, watched):
        watched.until(lambda: bool(exchange.wires) and len(exchange.wires[0].given) == 3)
    assert [each.late for each in exchange.wires[0].given] == [False, True, True]
    assert exchange.wires[0].words == "cab"


def test_a_stop_waits_for_what_is_under_way(watched: Watched, exchange: Exchange) -> None:
    watched.accept(letters("ab"))
    with courier_of(exchange.connect, watched) as sink:
        watched.until(lambda: bool(exchange.wires) and exchange.wires[0].words == "ab")
        (wire,) = exchange.wires
        stopping = threading.Thread(target=sink.stop)
        stopping.start()
        wire.arrive(wire.given)
        stopping.join(DEADLINE_S)
    assert wire.closed
    assert watched.outbox.size().letters == 0


def test_a_sink_started_anew_begins_with_what_was_not_confirmed(
    watched: Watched, exchange: Exchange
) -> None:
    watched.accept(letters("ab"))
    for _ in range(2):
        exchange.wires.clear()
        with courier_of(exchange.connect, watched):
            watched.until(lambda: bool(exchange.wires) and exchange.wires[0].words == "ab")


def test_a_fault_of_the_outbox_is_waited_out(watched: Watched, exchange: Exchange) -> None:
    with courier_of(exchange.connect, watched) as sink:
        watched.until_said("sink sink: up")
        watched.fault = "the disk is gone"
        sink.wake()
        watched.until_said("the disk is gone")
        assert not sink.state.up
        watched.fault = ""
        watched.accept(letters("a"))
        watched.until(lambda: len(exchange.wires) > 1 and exchange.wires[-1].words == "a")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_that_nobody_expects_is_raised_where_the_state_is_asked(
    watched: Watched, exchange: Exchange
) -> None:
    exchange.refusal = ZeroDivisionError("ours")
    with courier_of(exchange.connect, watched) as sink:
        sink._thread.join(DEADLINE_S)
        with pytest.raises(RuntimeError, match="sink sink: its thread ended by a fault"):
            _ = sink.state
