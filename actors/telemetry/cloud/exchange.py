"""Between the actor's loop and the thread of the sink that is the device's line to its cloud.

What comes from the cloud waits here for the loop; what the loop answers waits here for the line.
Nobody waits for the other.
"""

from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple


class Twin(NamedTuple):
    """The whole twin, as it is after each connection: desired with its `$version`."""

    desired: Mapping[str, Any]
    reported: Mapping[str, Any]


class Patch(NamedTuple):
    """What has changed in the desired properties, with the new `$version`."""

    desired: Mapping[str, Any]


class Call(NamedTuple):
    """A direct method; its answer is a `Reply` of the same id."""

    id: str
    method: str
    payload: Any


class Note(NamedTuple):
    """A message that came to one of the module's inputs."""

    input: str
    body: bytes


class Reply(NamedTuple):
    """`status` as HTTP has it; `payload` is JSON of at most 128 KB."""

    id: str
    status: int
    payload: Any


class Report(NamedTuple):
    """A patch of the reported properties; a null removes one."""

    patch: Mapping[str, Any]


Asked = Twin | Patch | Call | Note
Said = Reply | Report


class Exchange:
    """May be used from any thread. `wake_loop` tells the loop that something came."""

    def __init__(self, wake_loop: Callable[[], None]) -> None:
        self._wake_loop = wake_loop
        self._wake_line: Callable[[], None] = lambda: None
        self._asked: SimpleQueue[Asked] = SimpleQueue()
        self._said: SimpleQueue[Said] = SimpleQueue()

    def on_said(self, wake_line: Callable[[], None]) -> None:
        """The line that stands now wants to be told so; what was said to one before is gone.

        A reply is worth nothing to another connection, and reports begin anew with its twin.
        """
        self._wake_line = wake_line
        self.said()

    def ask(self, asked: Asked) -> None:
        """By the line."""
        self._asked.put(asked)
        self._wake_loop()

    def asked(self) -> list[Asked]:
        """By the loop: all that came since the last time, in order."""
        return _all(self._asked)

    def say(self, said: Said) -> None:
        """By the loop, or by whoever worked for it."""
        self._said.put(said)
        self._wake_line()

    def said(self) -> list[Said]:
        """By the line: all that is to go out, in order."""
        return _all(self._said)


def _all(queue: SimpleQueue[Any]) -> list[Any]:
    taken = []
    while True:
        try:
            taken.append(queue.get_nowait())
        except Empty:
            return taken
