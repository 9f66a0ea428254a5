"""Two threads that do what takes a moment, so that the loop goes on.

Few may wait: who asks for more is told so at once. What waited too long, or until the end, is
answered without being begun.
"""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import NamedTuple

from actors.clock import monotonic_ns
from actors.telemetry.cloud.answers import FAULT, LATE, UNAVAILABLE, Answer, NotDone, refusal

log = logging.getLogger(__name__)

WORKERS = 2
MOST_WAITING = 8
LONGEST_WAIT_NS = 5_000_000_000  # for its turn: with the longest method it is below 20 s
JOIN_S = 2.0

UNEXPECTED = refusal(FAULT, "failed by a fault of the device's own; its log has it")
ENDING = refusal(UNAVAILABLE, "the actor telemetry ends or is restarted; ask again")
TOO_LATE = refusal(LATE, "waited too long for other methods, nothing was done; ask again")


class Work(NamedTuple):
    """Something to do, and who is told what came of it, in a worker's thread."""

    title: str
    do: Callable[[], Answer]  # may raise `NotDone`
    tell: Callable[[Answer], None]
    came_ns: int


class Workers:
    """A fault in a thread that nobody expects is raised at the next `take`."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._stopping = threading.Event()
        # daemons: what does not end must not keep the process from ending
        self._threads = [
            threading.Thread(target=self._run, name=f"method {number}", daemon=True)
            for number in range(WORKERS)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def stopping(self) -> threading.Event:
        """Set once all is to end: what waits for something asks it."""
        return self._stopping

    def take(self, work: Work) -> bool:
        """False if too many wait. To be called by one thread."""
        if self._stopping.is_set():
            work.tell(ENDING)
            return True
        if not all(thread.is_alive() for thread in self._threads):
            raise RuntimeError("a thread of direct methods ended by a fault; the log has it")
        if self._waiting.qsize() >= MOST_WAITING:
            return False
        self._waiting.put(work)
        return True

    def close(self) -> None:
        self._stopping.set()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(JOIN_S)

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            answer = UNEXPECTED
            try:
                answer = self._answer(work)
            finally:
                log.info("%s: %d %s", work.title, answer.status, answer.said.get("error", ""))
                work.tell(answer)
            if answer.then:
                answer.then()

    def _answer(self, work: Work) -> Answer:
        if self._stopping.is_set():
            return ENDING
        if monotonic_ns() - work.came_ns > LONGEST_WAIT_NS:
            return TOO_LATE
        try:
            return work.do()
        except NotDone as reason:
            return reason.answer
