"""Which frame is next (pure): cameras in turn, each with its newest, or with every one."""

from collections import deque

from bus.messages import Frame


class Inbox:
    """Frames that wait. Cameras in `every` keep all of theirs, in order; others the newest.

    With `patience` a live camera keeps so many of its newest, in order, and none gives way to a
    fresher one: a short want of processor time then makes results late and leaves none out.
    """

    def __init__(self, cameras: list[str], every: set[str]) -> None:
        self._waiting: dict[str, deque[Frame]] = {name: deque() for name in cameras}
        self._every = every
        self.cameras, self._turns = tuple(cameras), deque(cameras)
        self.patience = 1

    @property
    def empty(self) -> bool:
        return not any(self._waiting.values())

    def offer(self, frame: Frame) -> int:
        """Take a frame in; how many it pushed out."""
        waiting = self._waiting.get(frame.camera)
        if waiting is None:
            return 1
        waiting.append(frame)
        pushed = 0
        while frame.camera not in self._every and len(waiting) > self.patience:
            waiting.popleft()
            pushed += 1
        return pushed

    def take(self) -> Frame | None:
        """The next frame of the camera whose turn it is, passing over those with none."""
        for _ in range(len(self._turns)):
            camera = self._turns[0]
            self._turns.rotate(-1)
            if self._waiting[camera]:
                return self._waiting[camera].popleft()
        return None

    def newer_than(self, frame: Frame) -> bool:
        """Whether this one is to give way to a fresher frame of its camera."""
        gives_way = self.patience == 1 and frame.camera not in self._every
        return gives_way and bool(self._waiting[frame.camera])

    def replace(self, frame: Frame) -> Frame:
        """The fresher frame, in the older one's place."""
        return self._waiting[frame.camera].popleft()
