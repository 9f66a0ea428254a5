"""Topics of a running device as they come, from every publisher in the run directory."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import zmq

from bus.topics import split

RESCAN_S = 1.0


class Listener:
    """Subscribes `prefixes` on all sockets in `$RUN/bus`, also on those that appear later."""

    def __init__(self, run_dir: Path, *prefixes: str) -> None:
        self._folder = run_dir / "bus"
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.reconnect_ivl = 50
        for prefix in prefixes:
            self._socket.subscribe(prefix.encode())
        self.publishers: set[str] = set()
        self._scan_s = time.monotonic()
        self._scan()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.destroy(linger=0)

    def messages(self, within_s: float | None = None) -> Iterator[tuple[str, bytes]]:
        """Topic and msgpack of each message, until `within_s` are over or for ever."""
        now_s = time.monotonic()
        end_s = now_s + within_s if within_s is not None else float("inf")
        while now_s < end_s:
            wait_s = max(0.0, min(end_s, self._scan_s + RESCAN_S) - now_s)
            if self._socket.poll(int(wait_s * 1000) + 1):
                with suppress(ValueError):  # not of this bus
                    yield split(self._socket.recv())
            now_s = time.monotonic()
            if now_s >= self._scan_s + RESCAN_S:
                self._scan_s = now_s
                self._scan()

    def _scan(self) -> None:
        for path in self._folder.glob("*.sock"):
            if path.stem not in self.publishers:
                self.publishers.add(path.stem)
                self._socket.connect(f"ipc://{path}")


def prefix_of(topic: str) -> str:
    """By whole path parts: `results/front` is not a prefix of `results/front2/…`."""
    parts = topic.strip("/")
    return f"{parts}/" if parts else ""
