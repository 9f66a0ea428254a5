"""Which frame is next (pure): cameras in turn, each with its newest, or with every one."""

from collections import deque

from bus.messages import Frame


class Inbox:
    """Frames that wait. Cameras in `every` keep all of theirs, in order; others the newest."""

    def __init__(self, cameras: list[str], every: set[str]) -> None:
        self._waiting: dict[str, deque[Frame]] = {
            name: deque(maxlen=None if name in every else 1) for name in cameras
        }
        self.cameras, self._turns = tuple(cameras), deque(cameras)

    def offer(self, frame: Frame) -> int:
        """Take a frame in; how many it pushed out."""
        waiting = self._waiting.get(frame.camera)
        if waiting is None:
            return 1
        pushed = len(waiting) == waiting.maxlen
        waiting.append(frame)
        return int(pushed)

    def take(self) -> Frame | None:
        """The next frame of the camera whose turn it is, passing over those with none."""
        for _ in range(len(self._turns)):
            camera = self._turns[0]
            self._turns.rotate(-1)
            if self._waiting[camera]:
                return self._waiting[camera].popleft()
        return None

    def newer_than(self, frame: Frame) -> bool:
        """Whether a newest-only camera has a fresher frame than this one of its own."""
        waiting = self._waiting[frame.camera]
        return waiting.maxlen == 1 and bool(waiting)

    def replace(self, frame: Frame) -> Frame:
        """The fresher frame, in the older one's place."""
        return self._waiting[frame.camera].popleft()
