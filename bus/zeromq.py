"""A subscription over ZeroMQ, as a descriptor to poll and a function to read."""

from pathlib import Path
from typing import Any

import zmq

from bus.inlet import MOST_WAITING
from bus.topics import Topic, endpoint, prefix

RECONNECT_MS = 20
HIGH_WATER_MARK = MOST_WAITING
Context = zmq.Context[zmq.Socket[bytes]]


class ZmqSubscriber:
    """One topic over ZeroMQ. It reconnects by itself.

    `fd` is readable when something is new, not while something waits: once more may wait, look
    again without being told.
    """

    def __init__(self, context: Context, run_dir: Path, topic: Topic[Any]) -> None:
        socket = context.socket(zmq.SUB)
        socket.set_hwm(HIGH_WATER_MARK)
        socket.reconnect_ivl = RECONNECT_MS
        socket.connect(endpoint(run_dir, topic.owner))
        self._prefix = prefix(topic.name)
        socket.subscribe(self._prefix)
        self._recv = socket.recv
        self.fd = socket.fileno()
        self.more = True

    def receive(self) -> bytes | None:
        """The next message without its topic, None if none waits."""
        try:
            self.more = True
            wire = self._recv(zmq.DONTWAIT)
        except zmq.Again:
            self.more = False
            return None
        # a later part of a stranger's message has no topic, and is no message
        return wire[len(self._prefix) :] if wire.startswith(self._prefix) else b""
