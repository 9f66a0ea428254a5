"""A process that has children work on an outbox until they are killed, one after the other.

It is given the outbox's path and the descriptor of a socket of messages. An `Order` starts a
child, whose process id is the answer. The child accepts letters and hands them to its sinks, and
says what it does before or after it does it; after its death its parent says so.
"""

import os
import random
import socket
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from msgspec import Struct, msgpack

from actors.telemetry.letter import Letter, Posted
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits

SINKS = "cloud", "file"
LIMITS = Limits(1 << 30, 1e9, late_hz=1e6, spare_bytes=0)
MOST_LETTERS, MOST_GIVEN = 70, 100
LONGEST = 1 << 17


class Order(Struct, frozen=True, tag=True):
    """Work from then on; the first letter has this number in its body."""

    seed: int
    now_utc_ns: int
    first: int


class Started(Struct, frozen=True, tag=True):
    pid: int


class Accepting(Struct, frozen=True, tag=True):
    first: int
    count: int
    now_utc_ns: int


class Accepted(Struct, frozen=True, tag=True):
    pass


class Cut(Struct, frozen=True, tag=True):
    """The sink's connection was lost."""

    sink: str


class Given(Struct, frozen=True, tag=True):
    sink: str
    letters: list[Posted]


class Confirmed(Struct, frozen=True, tag=True):
    sink: str
    ids: list[int]


class Died(Struct, frozen=True, tag=True):
    signal: int


Said = Started | Accepting | Accepted | Cut | Given | Confirmed | Died


class Wire:
    """Whole messages, even of who is killed while it sends one."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def say(self, message: Said | Order) -> None:
        self._end.send(msgpack.encode(message))

    def hear(self) -> Said:
        said: Said = msgpack.decode(self._end.recv(LONGEST), type=Said)
        return said

    def order(self) -> Order | None:
        """None at the end."""
        data = self._end.recv(LONGEST)
        return msgpack.decode(data, type=Order) if data else None


def main() -> None:
    path, wire = Path(sys.argv[1]), Wire(socket.socket(fileno=int(sys.argv[2])))
    while order := wire.order():
        pid = os.fork()
        if not pid:
            live(wire, path, order)
        _, status = os.waitpid(pid, 0)
        wire.say(Died(-os.waitstatus_to_exitcode(status)))


def live(wire: Wire, path: Path, order: Order) -> NoReturn:
    try:
        wire.say(Started(os.getpid()))
        work(wire, Outbox(path, SINKS, LIMITS), order)
    except BaseException:  # noqa: BLE001 a child must not go on as its parent
        traceback.print_exc()
    os._exit(1)


def work(wire: Wire, outbox: Outbox, order: Order) -> None:
    dice, now_ns, first = random.Random(order.seed), order.now_utc_ns, order.first  # noqa: S311 no secret
    away = dict.fromkeys(SINKS, 0)  # turns
    while True:
        now_ns += dice.choice((10**8,) * 20 + (60 * 10**9,))
        count = dice.randint(0, MOST_LETTERS)
        wire.say(Accepting(first, count, now_ns))
        outbox.accept([letter(first + at) for at in range(count)], now_ns)
        wire.say(Accepted())
        first += count
        for sink in SINKS:
            away[sink] = max(away[sink] - 1, 0) or dice.choice((0,) * 40 + (20,))
            if not away[sink]:
                deliver(wire, outbox, sink, now_ns, dice)


def letter(number: int) -> Letter:
    return Letter("abc"[number % 3], number % 2, b"%d" % number, "retinue/1")


def deliver(wire: Wire, outbox: Outbox, sink: str, now_ns: int, dice: random.Random) -> None:
    given = outbox.next(sink, now_ns, MOST_GIVEN)
    arrived = dice.randint(0, len(given)) if dice.random() < 0.1 else len(given)  # the rest is lost
    wire.say(Given(sink, given[:arrived]))
    confirmed = dice.randint(0, arrived) if dice.random() < 0.1 else arrived
    ids = [each.id for each in given[:confirmed]]
    outbox.confirm(sink, ids)
    wire.say(Confirmed(sink, ids))
    if confirmed < len(given) or dice.random() < 0.1:
        outbox.reopen(sink)
        wire.say(Cut(sink))


if __name__ == "__main__":
    main()
