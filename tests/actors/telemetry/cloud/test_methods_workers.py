"""What two threads do, and what they do not begin."""

from queue import SimpleQueue
from threading import Event, Thread, current_thread

import pytest

from actors.clock import monotonic_ns
from actors.telemetry.cloud.answers import CONFLICT, Answer, NotDone, done
from actors.telemetry.cloud.workers import MOST_WAITING, WORKERS, Work, Workers

DEADLINE_S = 10.0


class Bench:
    """Jobs that wait until they are let go."""

    def __init__(self) -> None:
        self.workers, self.told = Workers(), SimpleQueue[Answer]()
        self.begun, self.go = SimpleQueue[None](), Event()

    def take(self, came_ns: int | None = None) -> bool:
        came_ns = monotonic_ns() if came_ns is None else came_ns
        return self.workers.take(Work("test", self._do, self.told.put, came_ns))

    def fill(self) -> None:
        for _ in range(WORKERS):
            assert self.take()
        for _ in range(WORKERS):
            self.begun.get(timeout=DEADLINE_S)

    def answer(self) -> Answer:
        return self.told.get(timeout=DEADLINE_S)

    def _do(self) -> Answer:
        self.begun.put(None)
        assert self.go.wait(DEADLINE_S)
        return done("done")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_eight_may_wait(bench: Bench) -> None:
    bench.fill()
    assert [bench.take() for _ in range(MOST_WAITING + 1)] == [True] * MOST_WAITING + [False]
    bench.go.set()
    assert [bench.answer().status for _ in range(WORKERS + MOST_WAITING)] == [200] * 10
    assert bench.take()
    bench.workers.close()


def test_what_waited_too_long_is_not_begun(bench: Bench) -> None:
    assert bench.take(came_ns=monotonic_ns() - 6_000_000_000)
    assert bench.answer().status == 504
    assert bench.begun.empty()
    bench.workers.close()


def test_at_the_end_what_waits_is_not_begun(bench: Bench) -> None:
    bench.fill()
    assert bench.take()
    bench.workers.stopping.set()
    bench.go.set()
    bench.workers.close()
    assert sorted(bench.answer().status for _ in range(3)) == [200, 200, 503]
    assert bench.take()
    assert bench.answer().status == 503


def test_a_reason_is_an_answer_and_what_follows_an_answer_comes_after_it() -> None:
    workers, order = Workers(), SimpleQueue[object]()

    def refuse() -> Answer:
        raise NotDone(CONFLICT, "not now")

    def follow() -> Answer:
        return done("soon")._replace(then=lambda: order.put("then"))

    workers.take(Work("test", refuse, order.put, monotonic_ns()))
    assert order.get(timeout=DEADLINE_S) == (409, {"error": "not now"}, None)
    workers.take(Work("test", follow, lambda answer: order.put(answer.status), monotonic_ns()))
    assert [order.get(timeout=DEADLINE_S) for _ in range(2)] == [200, "then"]
    workers.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unforeseen_fault_is_answered_and_then_raised_where_it_is_seen(bench: Bench) -> None:
    failed = SimpleQueue[Thread]()

    def fail() -> Answer:
        failed.put(current_thread())
        raise ZeroDivisionError

    bench.workers.take(Work("test", fail, bench.told.put, monotonic_ns()))
    assert bench.answer().status == 500
    failed.get(timeout=DEADLINE_S).join(DEADLINE_S)
    with pytest.raises(RuntimeError, match="ended by a fault"):
        bench.take()
    bench.workers.close()
