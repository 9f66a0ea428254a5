"""The wiring, in one table: who publishes what, and how subscribers take it.

Names end in a slash, so that `frames/front/` is not a prefix of `frames/front2/`.
"""

from enum import Enum
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from bus.messages import Done, Frame, Health, Message, Model, Post, Result, Truth


class Keep(Enum):
    """What a subscriber that was late does with the messages that wait for it."""

    NEWEST = "newest"  # skip to the last one: it never works on stale frames
    ALL = "all"  # take each, up to the socket's mark
    ALL_AT_TICKS = "all at ticks"  # the same, but only before a Tick: nobody is woken for one


M = TypeVar("M", bound=Message)


class Topic(NamedTuple, Generic[M]):
    """One stream of numbered messages."""

    name: str
    owner: str  # the only actor that publishes it; its socket binds
    carries: type[M]
    keep: Keep
    resent: bool  # the last message is sent again to whoever subscribes
    direct: bool  # our own actors take it over the short way, see direct.py


class Pattern(NamedTuple, Generic[M]):
    """One row of the table: topics that differ by a camera's, entry's or actor's name."""

    name: str
    owner: str
    carries: type[M]
    keep: Keep
    resent: bool = False
    direct: bool = False

    def of(self, **names: str) -> Topic[M]:
        owner = self.owner.format(**names)
        name = self.name.format(**names)
        return Topic(name, owner, self.carries, self.keep, self.resent, self.direct)


FRAMES = Pattern("frames/{camera}/", "camera-{camera}", Frame, Keep.NEWEST, direct=True)
TRUTH = Pattern("truth/{camera}/", "camera-{camera}", Truth, Keep.ALL)
# Of an inference entry's two posts one publishes; the numbers of results go on when it changes.
RESULTS = Pattern("results/{camera}/{inference}/", "inference-{inference}-{post}", Result, Keep.ALL)
POSTS = Pattern(
    "posts/{inference}/{post}/", "inference-{inference}-{post}", Post, Keep.NEWEST, resent=True
)
MODELS = Pattern("models/{inference}/", "models", Model, Keep.NEWEST, resent=True)
OVERLAID = Pattern("overlay/{camera}/", "overlay", Frame, Keep.NEWEST, direct=True)
DONE = Pattern("done/{camera}/{stream}/", "rtsp", Done, Keep.NEWEST, direct=True)
HEALTH = Pattern("health/{actor}/", "{actor}", Health, Keep.NEWEST, resent=True)

POST_NAMES = ("a", "b")

TABLE: tuple[Pattern[Any], ...] = (FRAMES, TRUTH, RESULTS, POSTS, MODELS, OVERLAID, DONE, HEALTH)


def endpoint(run_dir: Path, actor: str) -> str:
    """Where an actor's publisher is bound."""
    return f"ipc://{run_dir}/bus/{actor}.sock"


def prefix(name: str) -> bytes:
    """What each message of a topic begins with: its name and a zero byte."""
    return name.encode() + b"\0"


def split(wire: bytes) -> tuple[str, bytes]:
    """A message's topic and its body; `ValueError` for what has no zero byte."""
    name, zero, body = wire.partition(b"\0")
    if not zero:
        raise ValueError("a message begins with its topic and a zero byte: there is none")
    return name.decode(), body
