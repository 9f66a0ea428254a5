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

    def wire(self, message: Message, now_ns: int) -> bytes:
        """The next message's bytes, numbered and stamped."""
        self.seq += 1
        stamped = msgspec.structs.replace(message, seq=self.seq, published_ns=now_ns)
        wire = self.prefix + self._encode(stamped)
        if self._resent:
            self.last = wire
        return wire
