"""The next picture of a stream, read in place at the moment somebody asks for it."""

from collections.abc import Callable
from pathlib import Path
from threading import get_native_id
from typing import NamedTuple

import cv2

from actors.clock import monotonic_ns
from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import Frame, Tick
from bus.pixels import Plane
from bus.subscriber import Subscriber
from bus.topics import Topic

PATIENCE_S = 5.0
TICK_HZ = 10
SECOND_NS = 1_000_000_000


class NoPicture(Exception):
    """Why there is none, in one sentence."""


class Picture(NamedTuple):
    """A frame as it was announced, with a copy of its pixels: height, width, BGR."""

    frame: Frame
    bgr: Plane


def _never() -> bool:
    return False


def next_picture(
    run_dir: Path,
    topic: Topic[Frame],
    within_s: float = PATIENCE_S,
    giving_up: Callable[[], bool] = _never,
) -> Picture:
    """The next frame that could be read whole. `giving_up` is asked a few times a second."""
    reason = f"no frame came on {topic.name}; is it running? `retinue ps` says"
    end_ns = monotonic_ns() + int(within_s * SECOND_NS)
    with (
        Subscriber(run_dir, [topic], tick_hz=TICK_HZ) as messages,
        FrameReader(run_dir) as frames,
    ):
        for message in messages:
            match message:
                case Frame():
                    try:
                        with frames.read(message.ref) as planes:
                            bgr = planes.bgr()
                    except FrameLost as lost:
                        reason = str(lost)
                    else:
                        return Picture(message, bgr)
                case Tick(now_ns=now_ns) if now_ns >= end_ns or giving_up():
                    break
    raise NoPicture(f"no picture within {within_s:g} s: {reason}")


def write(file: Path, bgr: Plane) -> None:
    """Into a file whose name says the format. It appears complete or not at all.

    Raises `NoPicture` for a format that there is not, and `OSError`.
    """
    encoded, data = cv2.imencode(file.suffix.lower(), bgr)
    if not encoded:
        raise NoPicture(f"{file}: OpenCV cannot write {file.suffix} files")
    partial = file.with_name(f".{file.name}.{get_native_id()}")
    try:
        partial.write_bytes(data.tobytes())
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
