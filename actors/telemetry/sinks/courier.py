"""A sink's thread: takes letters from the outbox, gives them to a connection, and confirms them.

A lost connection is followed by another after a wait; a fault of the outbox's disk is treated
alike. Letters that nobody waits for do not hold up a stop: they stay in the outbox.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from actors.backoff import SECOND_NS, Backoff
from actors.clock import monotonic_ns
from actors.telemetry.outbox.trouble import OutboxError
from actors.telemetry.sinks.sink import Connect, Down, Link, SinkState, Source

log = logging.getLogger(__name__)

TURN_S = 0.2  # late letters become due with time alone
LEAVE_NS = SECOND_NS  # for confirmations of what is under way
LEAVE_TURN_S = 0.02  # then each is looked for at once
JOIN_S = 5.0  # a host that does not answer may hold the thread up for longer


class Courier:
    """A `Sink`. A fault in the thread that nobody expects is raised where `state` is asked."""

    def __init__(
        self,
        name: str,
        connect: Connect,
        source: Source,
        backoff: Backoff,
        now_utc_ns: Callable[[], int],
    ) -> None:
        self._name, self._connect, self._source = name, connect, source
        self._backoff, self._now_utc_ns = backoff, now_utc_ns
        self._stop, self._news = threading.Event(), threading.Event()
        # a daemon: a connection that does not answer must not keep the process from ending
        self._thread = threading.Thread(target=self._run, name=f"sink {name}", daemon=True)
        self._state = SinkState(up=False, reason="", since_utc_ns=now_utc_ns(), sent=0, confirmed=0)
        self._under_way = 0
        self._up_ns = 0  # monotonic; 0: this connection is not up yet

    @property
    def state(self) -> SinkState:
        ended = self._thread.ident and not self._thread.is_alive()
        if ended and not self._stop.is_set():
            raise RuntimeError(f"sink {self._name}: its thread ended by a fault; the log has it")
        return self._state

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._news.set()
        if self._thread.ident:
            self._thread.join(JOIN_S)

    def wake(self) -> None:
        self._news.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._up_ns = self._under_way = 0
            try:
                self._source.reopen(self._name)
                with self._linked() as link:
                    self._carry(link)
                    self._leave(link)
            except (Down, OutboxError) as trouble:
                self._tell(up=False, reason=str(trouble))
                held_ns = monotonic_ns() - self._up_ns if self._up_ns else 0
                self._stop.wait(self._backoff.failed(held_ns))
        self._tell(up=False, reason="stopped")

    @contextmanager
    def _linked(self) -> Iterator[Link]:
        link = self._connect(self.wake)
        try:
            yield link
        finally:
            link.close()

    def _carry(self, link: Link) -> None:
        while not self._stop.is_set():
            self._news.clear()
            room = self._note(link)
            letters = self._source.next(self._name, self._now_utc_ns(), room) if room else []
            if letters:
                link.send(letters)
                self._under_way += len(letters)
                self._state = self._state._replace(sent=self._state.sent + len(letters))
            else:
                self._news.wait(TURN_S)

    def _leave(self, link: Link) -> None:
        until_ns = monotonic_ns() + LEAVE_NS
        self._note(link)
        while self._under_way and (left_ns := until_ns - monotonic_ns()) > 0:
            self._news.wait(min(LEAVE_TURN_S, left_ns / SECOND_NS))
            self._news.clear()
            self._note(link)

    def _note(self, link: Link) -> int:
        """Pass on what was confirmed; how much room there is."""
        turn = link.turn()
        if turn.up and not self._up_ns:
            self._up_ns = monotonic_ns()
            self._tell(up=True, reason="")
        if turn.confirmed:
            self._source.confirm(self._name, turn.confirmed)
            self._under_way -= len(turn.confirmed)
            confirmed = self._state.confirmed + len(turn.confirmed)
            self._state = self._state._replace(confirmed=confirmed)
        return turn.room

    def _tell(self, *, up: bool, reason: str) -> None:
        """Into the log and the state, if it is new. The time is when `up` last changed."""
        before = self._state
        since_utc_ns = before.since_utc_ns if up == before.up else self._now_utc_ns()
        self._state = before._replace(up=up, reason=reason, since_utc_ns=since_utc_ns)
        if up:
            log.info("sink %s: up", self._name)
        elif self._stop.is_set():
            log.info("sink %s: %s", self._name, reason)
        elif reason != before.reason:
            log.warning("sink %s: %s", self._name, reason)
