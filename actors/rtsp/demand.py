"""What viewers want, handed from the server's thread to the encoding one."""

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Orders(NamedTuple):
    """All that was asked since the last time, and how many watch each stream now."""

    viewers: Mapping[str, int]
    formats: frozenset[str]  # streams that someone wants described
    key_frames: frozenset[str]  # streams that someone begins to watch
    lost: int  # pictures that slow viewers did not get


class Demand:
    """May be used from any thread. `wake` tells the encoding one that there are orders."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake, self._lock = wake, threading.Lock()
        self._viewers: dict[str, int] = {}
        self._formats: set[str] = set()
        self._key_frames: set[str] = set()
        self._lost = 0

    def describe(self, stream: str) -> None:
        with self._lock:
            self._formats.add(stream)
        self._wake()

    def begin(self, stream: str) -> None:
        """One more watches, from a key frame on."""
        with self._lock:
            self._viewers[stream] = self._viewers.get(stream, 0) + 1
            self._key_frames.add(stream)
        self._wake()

    def end(self, stream: str) -> None:
        """One less watches."""
        with self._lock:
            self._viewers[stream] -= 1
        self._wake()

    def lose(self, pictures: int) -> None:
        with self._lock:
            self._lost += pictures

    def take(self) -> Orders:
        with self._lock:
            orders = Orders(
                dict(self._viewers),
                frozenset(self._formats),
                frozenset(self._key_frames),
                self._lost,
            )
            self._formats, self._key_frames, self._lost = set(), set(), 0
        return orders
