"""What a sink, its connection and the outbox know of each other.

A connection is made for one attempt. When it is lost nothing of it is used again: another is
made, and the outbox gives it whatever the lost one had not confirmed.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from actors.telemetry.letter import Posted


class Down(Exception):
    """Why nothing can be sent, in one sentence without a secret. It is tried again later."""


class SinkState(NamedTuple):
    """What health says of a sink. The counts are of this process."""

    up: bool
    reason: str  # why it is not up; "": it has only just begun
    since_utc_ns: int  # it is up, or down
    sent: int  # letters sent again after a lost connection count again
    confirmed: int


class Source(Protocol):
    """The outbox, as a sink sees it. All may raise `OutboxError`."""

    def next(self, sink: str, now_utc_ns: int, most: int) -> list[Posted]:
        """What was not given since `reopen`; of each topic in order, late ones apart."""

    def confirm(self, sink: str, ids: Iterable[int]) -> None:
        """These have arrived: they are not given again."""

    def reopen(self, sink: str) -> None:
        """The connection was lost: whatever is not confirmed is given again."""


class Sink(Protocol):
    """Started once, stopped once; the state and `wake` are for any thread."""

    @property
    def state(self) -> SinkState: ...

    def start(self) -> None: ...

    def stop(self) -> None:
        """What is under way has a moment to be confirmed; the rest stays in the outbox."""

    def wake(self) -> None:
        """There is something new in the outbox."""


class Turn(NamedTuple):
    """How a connection is."""

    up: bool
    room: int  # how many letters it takes now
    confirmed: list[int]  # since the last turn, by their ids in the outbox


class Link(Protocol):
    """One connection. Only the sink's thread calls it."""

    def turn(self) -> Turn:
        """Raises `Down` once it is lost and all that was confirmed on it was told."""

    def send(self, letters: Sequence[Posted]) -> None:
        """Not more than there is room for. What goes wrong, `turn` tells."""

    def close(self) -> None:
        """Leave properly if it still stands. Does not raise, and takes a second at most."""


Connect = Callable[[Callable[[], None]], Link]  # given what to call when a turn has news; or `Down`
