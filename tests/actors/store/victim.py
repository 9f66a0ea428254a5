"""A process that has children work on a store until they are killed, one after the other.

It speaks with whoever started it over a socket of messages whose descriptor it is given, next
to the folder of the store. A message "N POINT" starts a child, which ends itself with SIGKILL
when that point of a change of the disk comes for the N-th time, or at the N-th of all if none is
named, or never if N is 0. The answer is its process id. Then the child is sent steps, and answers
each with what came of it. Just before it ends itself, it names the point; after its death, however
it came, its parent says "died" with the signal.
"""

import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

from actors.store.store import Store
from tests.actors.store.steps import Step, performed
from tests.actors.store.watched import AtPoint, Watched

LONGEST = 65536


def main() -> None:
    state_dir, wire = Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    while order := wire.recv(LONGEST):
        pid = os.fork()
        if not pid:
            live(wire, state_dir, order.decode())
        wire.send(b"%d" % pid)
        _, status = os.waitpid(pid, 0)
        with suppress(BlockingIOError):  # what the dead one did not get to read
            while wire.recv(LONGEST, socket.MSG_DONTWAIT):
                pass
        wire.send(b"died %d" % os.waitstatus_to_exitcode(status))


def live(wire: socket.socket, state_dir: Path, order: str) -> NoReturn:
    def die(point: str) -> None:
        wire.send(point.encode())
        os.kill(os.getpid(), signal.SIGKILL)

    number, _, point = order.partition(" ")
    try:
        store = Store(state_dir, Watched(AtPoint(int(number), die, point)))
        while step := wire.recv(LONGEST):
            wire.send(performed(store, msgspec.json.decode(step, type=Step)).encode())
        os._exit(0)
    except BaseException:  # noqa: BLE001 a child must not go on as its parent
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main()
