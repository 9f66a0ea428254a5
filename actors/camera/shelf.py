"""Where a source's thread leaves pictures for the actor's loop: few, and never in its way."""

import threading
from collections import deque

from actors.camera.shot import Shot


class Shelf:
    """Live sources replace what nobody took in time; clips wait for room."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._changed = threading.Condition()
        self._shots: deque[Shot] = deque()
        self._lost = 0
        self._closed = False

    def replace(self, shot: Shot) -> None:
        """Put the newest picture in place of any that wait; those are lost."""
        with self._changed:
            self._lost += len(self._shots)
            self._shots.clear()
            self._shots.append(shot)

    def put(self, shot: Shot) -> None:
        """Wait for room, then add a picture. Returns at once when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._shots) < self._room)
            self._shots.append(shot)

    def wait_until_empty(self) -> None:
        """Wait until all was taken. Returns at once when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._shots)

    def take(self) -> Shot | None:
        """The oldest picture that waits; never blocks."""
        with self._changed:
            if not self._shots:
                return None
            self._changed.notify()
            return self._shots.popleft()

    def count_lost(self, pictures: int) -> None:
        with self._changed:
            self._lost += pictures

    def lost(self) -> int:
        """How many were lost since this was last asked."""
        with self._changed:
            lost, self._lost = self._lost, 0
            return lost

    def __len__(self) -> int:
        return len(self._shots)

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
