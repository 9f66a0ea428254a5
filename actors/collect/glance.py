"""One frame of a camera, for who does not listen to it: in a thread, as it may take a while."""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple, Protocol

from bus.messages import Frame
from bus.subscriber import Subscriber
from bus.topics import FRAMES
from bus.wake import Wake

TICKS = 3  # the first comes at once, the others a second apart


class Glimpse(NamedTuple):
    """A camera's next frame; None if none came within two seconds."""

    camera: str
    frame: Frame | None


class Glances(Protocol):
    """Who is asked to look, and says later what was there."""

    def begin(self, camera: str) -> None: ...

    def take(self) -> list[Glimpse]:
        """What has come since."""


class ThreadedGlances:
    """The real ones: `wake` is set when there is something to take."""

    def __init__(self, run_dir: Path, wake: Wake) -> None:
        self._run_dir, self._wake = run_dir, wake
        self._seen: SimpleQueue[Glimpse] = SimpleQueue()

    def begin(self, camera: str) -> None:
        Thread(target=self._look, args=(camera,), daemon=True).start()

    def take(self) -> list[Glimpse]:
        return list(self._waiting())

    def _waiting(self) -> Iterator[Glimpse]:
        try:
            while True:
                yield self._seen.get_nowait()
        except Empty:
            return

    def _look(self, camera: str) -> None:
        self._seen.put(Glimpse(camera, glance(self._run_dir, camera)))
        self._wake.set()


def glance(run_dir: Path, camera: str) -> Frame | None:
    """Waits for the camera's next frame, at most two seconds."""
    ticks = 0
    with Subscriber(run_dir, [FRAMES.of(camera=camera)]) as frames:
        for message in frames:
            if isinstance(message, Frame):
                return message
            ticks += 1
            if ticks == TICKS:
                break
    return None
