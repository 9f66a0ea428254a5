"""One frame of a camera, for who does not listen to it."""

from pathlib import Path

from bus.messages import Frame
from bus.subscriber import Subscriber
from bus.topics import FRAMES

TICKS = 3  # the first comes at once, the others a second apart


def glance(run_dir: Path, camera: str) -> Frame | None:
    """The camera's next frame; None if none comes within two seconds. Waits for it."""
    ticks = 0
    with Subscriber(run_dir, [FRAMES.of(camera=camera)]) as frames:
        for message in frames:
            if isinstance(message, Frame):
                return message
            ticks += 1
            if ticks == TICKS:
                break
    return None
