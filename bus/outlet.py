"""One topic on its way out: numbered, stamped, encoded."""

from typing import Any

import msgspec
from msgspec import msgpack

from bus.messages import Message
from bus.topics import Topic, prefix


class Outlet:
    """Knows the topic's numbers, and its last message if that is sent again."""

    def __init__(self, topic: Topic[Any]) -> None:
        self.prefix, self._resent = prefix(topic.name), topic.resent
        self._encode = msgpack.Encoder().encode
        self.seq = -1
        self.last = b""

    def body(self, message: Message, now_ns: int) -> bytes:
        """The next message as MessagePack, numbered and stamped."""
        self.seq += 1
        return self._encode(msgspec.structs.replace(message, seq=self.seq, published_ns=now_ns))

    def wire(self, body: bytes) -> bytes:
        """The message as ZeroMQ carries it."""
        wire = self.prefix + body
        if self._resent:
            self.last = wire
        return wire
