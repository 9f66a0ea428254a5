"""The direct method `snapshot`, and the snapshot that an ONVIF message asks for."""

import base64
from collections.abc import Callable
from pathlib import Path

from actors.clock import monotonic_ns
from actors.config import Config
from actors.snapshot import NoPicture, next_picture, write
from actors.telemetry.cloud.answers import (
    ABSENT,
    FAULT,
    LATE,
    UNAVAILABLE,
    Answer,
    NotDone,
    done,
)
from actors.telemetry.cloud.jpeg import fitted
from actors.telemetry.cloud.moment import iso
from actors.telemetry.cloud.payloads import Kind, Snapshot
from actors.telemetry.cloud.seen import Seen
from actors.tenancy import make_room
from actors.wiring import STREAMS
from bus.messages import Frame

WITHIN_S = 5.0
MOST_BYTES = 96 * 1024 * 3 // 4  # of the JPEG: in base64 it is a third longer


def snapshot(config: Config, asked: Snapshot, seen: Seen, giving_up: Callable[[], bool]) -> Answer:
    """The next frame, scaled down and made worse until it fits into an answer."""
    camera = _camera(config, asked.camera)
    topic = STREAMS[asked.stream].of(camera=camera)
    try:
        frame, bgr = next_picture(config.run, topic, WITHIN_S, giving_up)
    except NoPicture as error:
        raise _explained(str(error), camera, asked.stream, seen) from None
    jpeg = fitted(bgr, MOST_BYTES, asked.width)
    return done(
        f"{camera}/{asked.stream}, frame {frame.frame_seq} of {iso(frame.captured_utc_ns)}, as "
        f"JPEG of {jpeg.width}x{jpeg.height}",
        camera=camera,
        stream=asked.stream,
        frame=frame.frame_seq,
        captured_utc_ns=frame.captured_utc_ns,
        captured_utc=iso(frame.captured_utc_ns),
        status=frame.status,
        frame_width=frame.width,
        frame_height=frame.height,
        width=jpeg.width,
        height=jpeg.height,
        quality=jpeg.quality,
        jpeg=base64.b64encode(jpeg.data).decode(),
    )


def write_snapshot(
    config: Config, stream: Kind, path: Path, giving_up: Callable[[], bool]
) -> Frame:
    """The first camera's next frame as it is, in a file that appears whole or not at all.

    Waits for it up to 5 s; raises `NoPicture` and `OSError`.
    """
    topic = STREAMS[stream].of(camera=config.camera[0].name)
    frame, bgr = next_picture(config.run, topic, WITHIN_S, giving_up)
    make_room(path.parent.parent, path.parent.name)
    write(path, bgr)
    return frame


def keep_snapshot(config: Config, stream: Kind, giving_up: Callable[[], bool]) -> Answer:
    """`write_snapshot` where Percept's module put it, below the state directory."""
    path = config.state / "snapshot" / "snapshot.jpg"
    try:
        frame = write_snapshot(config, stream, path, giving_up)
    except NoPicture as error:
        raise NotDone(LATE, str(error)) from None
    except OSError as error:
        raise NotDone(FAULT, f"{path}: {error.strerror}; make room or check its rights") from None
    return done(f"{path}: {stream}, frame {frame.frame_seq}")


def _camera(config: Config, name: str) -> str:
    names = [camera.name for camera in config.camera]
    if name and name not in names:
        raise NotDone(
            ABSENT, f"camera = {name[:40]!r}: no such camera; there are {', '.join(names)}"
        )
    return name or names[0]


def _explained(reason: str, camera: str, stream: Kind, seen: Seen) -> NotDone:
    """With the words of who should have sent it, if those say that something is wrong."""
    now_ns = monotonic_ns()
    for actor in (f"camera-{camera}", *(["overlay"] if stream == "result" else [])):
        state = seen.state(actor, now_ns)
        if state != "running":
            detail = seen.health[actor].detail if actor in seen.health else ""
            told = f"{actor} is {state}" + (f": {detail}" if detail else "")
            return NotDone(UNAVAILABLE, f"no picture of {camera}/{stream}: {told}")
    return NotDone(LATE, reason)
