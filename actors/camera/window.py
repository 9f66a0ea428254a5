"""How far a camera at full pace may run ahead of those who use its pictures (pure)."""

from collections.abc import Iterable, Sequence
from typing import Any

from actors.config import Camera, Config
from actors.wiring import STREAMS, results
from bus.topics import DONE, HEALTH, OVERLAID, Keep, Topic

WINDOW = 6
SILENCE_NS = 500_000_000
START_NS = 5_000_000_000


class Window:
    """Open while every consumer that counts is less than `most` pictures behind.

    A consumer that is behind and gets no further for half a second does not count until it
    does, so nobody waits for a dead stage. At the start those that are named get five seconds
    to come up, so that a clip is seen from its first picture on; others count from their first
    word on. Without consumers the window is always open.
    """

    def __init__(self, consumers: Iterable[str] = (), most: int = WINDOW) -> None:
        self._most = most
        self._published = -1
        self._finished = dict.fromkeys(consumers, -1)
        self._heard_ns: dict[str, int] = {}
        self._awaited = set(self._finished)
        self._asked_ns: int | None = None

    def present(self, consumer: str) -> None:
        """This consumer is up, whatever it can do."""
        self._awaited.discard(consumer)

    def published(self, frame_seq: int, now_ns: int) -> None:
        for consumer, finished in self._finished.items():
            if finished >= self._published:  # it had nothing to do: its silence starts here
                self._heard_ns[consumer] = now_ns
        self._published = frame_seq

    def finished(self, consumer: str, frame_seq: int, now_ns: int) -> None:
        """A consumer is done with this picture. One of an earlier camera's counts as none."""
        self.present(consumer)
        if self._finished.get(consumer, -1) < frame_seq <= self._published:
            self._finished[consumer] = frame_seq
            self._heard_ns[consumer] = now_ns

    def open(self, now_ns: int) -> bool:
        if self._asked_ns is None:
            self._asked_ns = now_ns
        if self._awaited and now_ns - self._asked_ns < START_NS:
            return False
        return all(
            self._published - finished < self._most or now_ns - self._heard_ns[name] > SILENCE_NS
            for name, finished in self._finished.items()
        )


def consumers(config: Config, camera: Camera) -> Sequence[Topic[Any]]:
    """Who is to keep up with this camera: nobody, unless a clip or the scene is at full pace.

    Those that have a health among these are named; who encodes counts while somebody watches.
    """
    if not camera.at_full_pace:
        return []
    drawn = OVERLAID.of(camera=camera.name)._replace(keep=Keep.ALL)
    used: list[Topic[Any]] = [*results(config, camera), drawn]
    encoded = [DONE.of(camera=camera.name, stream=stream) for stream in STREAMS]
    return [*(HEALTH.of(actor=topic.owner) for topic in used), *used, *encoded]


def consumer(actor: str) -> str:
    """Whom an actor works for: the two posts of an inference entry are one consumer."""
    return actor[: -len("-a")] if actor.startswith("inference-") else actor
