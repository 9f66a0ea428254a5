"""Messages of any topics, from actors that come and go: the receiving half of a bus.

Alone it is for whoever attaches to a running device: it binds nothing, says nothing and needs
no name. Each topic has a socket of its own, so that late messages of one can be skipped without
touching another's; topics that are `direct` take the short way.
"""

import select
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any, Self

from bus.direct import DirectSubscriber, direct_path
from bus.health import SECOND_NS
from bus.inlet import Inlet, Losses, Numbers
from bus.messages import Message, Tick, Woken
from bus.topics import Keep, Topic, prefix
from bus.wake import Wake
from bus.zeromq import RECONNECT_MS, Context, ZmqSubscriber

RECONNECT_NS = RECONNECT_MS * 1_000_000
MOST_READY = 64  # told of in one turn, the rest in the next; Python would make room for a thousand
MOST_LOOKS = 16  # at what waits for a tick
LAZY_HZ = 1.0  # a clock that ticks no faster may be up to a tenth of a second late
LAZY_NS = SECOND_NS // 10

Take = Callable[[], Sequence[Message]]


class Timer:
    """Something to do every `period_ns`; up to `slack_ns` later if nothing else happens then."""

    def __init__(self, call: Take, now_ns: int, period_ns: int, slack_ns: int) -> None:
        self.call, self.due_ns = call, now_ns
        self._period_ns, self._slack_ns = period_ns, slack_ns

    @property
    def latest_ns(self) -> int:
        return self.due_ns + self._slack_ns

    def done(self, now_ns: int) -> None:
        self.due_ns = max(self.due_ns + self._period_ns, now_ns)


class Subscriber:
    """Iterate it: messages as they come, `Tick` at `tick_hz`, `Woken` after `wake.set()`.

    Iteration ends once `stop` is readable; without one it never does.
    """

    def __init__(
        self,
        run_dir: Path,
        topics: Sequence[Topic[Any]],
        *,
        stop: socket | None = None,
        wake: Wake | None = None,
        tick_hz: float = 1.0,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.losses = Losses()
        self._run_dir, self._wake, self._clock_ns = run_dir, wake, clock_ns
        self._stop_fd = stop.fileno() if stop else -1
        self._epoll = select.epoll()
        self.context = Context()  # has no threads before its first socket
        self._takers: dict[int, Take] = {}
        self._unread: list[int] = []  # where more may wait than was taken
        self._at_ticks: list[tuple[ZmqSubscriber, Inlet]] = []
        self._numbers: dict[str, Numbers] = {}  # by topic, as one may have two publishers
        self._inlets: dict[DirectSubscriber, Inlet] = {}
        self._away: list[DirectSubscriber] = []  # whose actors are not there
        self._timers: list[Timer] = []
        self.every(int(SECOND_NS / tick_hz), self._tick, LAZY_NS if tick_hz <= LAZY_HZ else 0)
        if stop:
            self.watch(self._stop_fd, tuple)
        if wake:
            self.watch(wake.fd, self._woken)
        self.listen(topics)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for subscriber in self._inlets:
            subscriber.close()
        self._epoll.close()
        self.context.destroy(linger=0)

    def listen(self, topics: Sequence[Topic[Any]]) -> None:
        """From now on to these topics too."""
        for topic in topics:
            self._subscribe(topic)
        self._connect()

    def watch(self, fd: int, take: Take) -> None:
        """Have `take` called whenever `fd` is readable; what it returns is iterated."""
        self._takers[fd] = take
        self._epoll.register(fd, select.EPOLLIN)

    def every(self, period_ns: int, call: Take, slack_ns: int = 0) -> None:
        """Have `call` called at each turn of the clock, from now on."""
        self._timers.append(Timer(call, self._clock_ns(), period_ns, slack_ns))

    def __iter__(self) -> Iterator[Message]:
        """What is ready at once is in the order of subscription: results before their frames."""
        poll, takers, clock_ns = self._epoll.poll, self._takers, self._clock_ns
        due_ns = latest_ns = now_ns = clock_ns()
        while True:
            if self._away or self._unread:
                ready = self._mend(latest_ns - now_ns)
            else:  # the usual way is short: once in 33 ms all of this code is cold
                ready = poll(max(0, latest_ns - now_ns) / SECOND_NS, MOST_READY)
            for fd, _ in ready if len(ready) == 1 else self._in_order(dict(ready)):
                if fd == self._stop_fd:
                    return
                yield from takers[fd]()
            now_ns = clock_ns()
            if now_ns >= due_ns:
                for timer in self._timers:
                    if now_ns >= timer.due_ns:
                        timer.done(now_ns)
                        yield from timer.call()
                due_ns = min(timer.due_ns for timer in self._timers)
                latest_ns = min(timer.latest_ns for timer in self._timers)

    def _mend(self, wait_ns: int) -> list[tuple[int, int]]:
        """Wait for what epoll does not tell, too: unread messages, returning actors."""
        wait_ns = 0 if self._unread else min(max(0, wait_ns), RECONNECT_NS)
        ready = self._epoll.poll(wait_ns / SECOND_NS, MOST_READY)
        self._connect()  # before a word is sent: who hears it knows that we listen
        unread, self._unread = dict.fromkeys(self._unread, select.EPOLLIN), []
        return list((unread | dict(ready)).items())

    def _in_order(self, ready: dict[int, int]) -> list[tuple[int, int]]:
        return [(fd, ready[fd]) for fd in self._takers if fd in ready]

    def _subscribe(self, topic: Topic[Any]) -> None:
        if topic.direct:
            path = direct_path(self._run_dir, topic.owner)
            link = DirectSubscriber(path, prefix(topic.name), self._gone)
            self._inlets[link] = self._inlet(topic, link.receive)
            self._away.append(link)
        else:
            source = ZmqSubscriber(self.context, self._run_dir, topic)
            inlet = self._inlet(topic, source.receive)
            if topic.keep is Keep.ALL_AT_TICKS:
                self._at_ticks.append((source, inlet))
            else:
                self.watch(source.fd, partial(self._read, source, inlet))
                self._unread.append(source.fd)

    def _inlet(self, topic: Topic[Any], receive: Callable[[], bytes | None]) -> Inlet:
        numbers = self._numbers.setdefault(topic.name, Numbers(resent=topic.resent))
        return Inlet(topic, receive, numbers, self.losses, self._clock_ns)

    def _connect(self) -> None:
        """Try all that are away."""
        self._away, away = [], self._away
        for subscriber in away:
            if subscriber.connect():
                self.watch(subscriber.fd, self._inlets[subscriber].take)
            else:
                self._away.append(subscriber)

    def _gone(self, subscriber: DirectSubscriber) -> None:
        """Its actor ended. The poll forgets a closed descriptor by itself."""
        del self._takers[subscriber.fd]
        self._away.append(subscriber)

    def _read(self, subscriber: ZmqSubscriber, inlet: Inlet) -> Sequence[Message]:
        messages: Sequence[Message] = inlet.take()
        if subscriber.more:
            self._unread.append(subscriber.fd)
        return messages

    def _tick(self) -> Sequence[Message]:
        waited: list[Message] = []
        for source, inlet in self._at_ticks:
            for _ in range(MOST_LOOKS):  # who floods the bus is not to hold up the clock
                waited += inlet.take()
                if not source.more:
                    break
        return (*waited, Tick(now_ns=self._clock_ns(), now_utc_ns=time.time_ns()))

    def _woken(self) -> Sequence[Message]:
        if self._wake:
            self._wake.clear()
        return (Woken(now_ns=self._clock_ns(), now_utc_ns=time.time_ns()),)
