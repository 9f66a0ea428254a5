"""What every source gives, whatever it is: the interface between sources and the actor."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from bus.messages import State, TrueBox
from bus.pixels import I420

Size = tuple[int, int]  # width, height


class Shot(NamedTuple):
    """A picture that waits to be put into a slot of its size."""

    size: Size
    captured_ns: int
    captured_utc_ns: int
    fill: Callable[[I420], list[TrueBox]]  # writes every pixel; what is truly to be seen in it
    scene_index: int | None = None  # None: nobody knows what is truly in it


class Condition(NamedTuple):
    """How a source is, for a person."""

    state: State
    detail: str


class Source(Protocol):
    """Where pictures come from. Nothing here ever waits."""

    tick_hz: float  # how often `next` is to be asked at least

    def next(self, now_ns: int, now_utc_ns: int) -> Shot | None:
        """The picture that is due now, None if there is none."""

    @property
    def more(self) -> bool:
        """Whether another picture is there at once, without waiting for a tick."""

    def condition(self, now_ns: int) -> Condition: ...

    def lost(self) -> int:
        """Pictures that were damaged or came too late, since this was last asked."""

    def close(self) -> None: ...


def shown(name: str, size: Size, rate: str) -> str:
    """What is said of a source that runs: name, size and rate."""
    return f"{name.removesuffix(':')}: {size[0]}x{size[1]} {rate}"
