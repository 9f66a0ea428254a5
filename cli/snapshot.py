"""`retinue snapshot`: one frame into a picture file."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from actors.config import Config
from bus.messages import Frame
from bus.topics import FRAMES, OVERLAID
from cli.listener import Listener
from cli.refusal import Refused
from cli.target import ConfigFile, running

PATIENCE_S = 5.0
KINDS = {"raw": FRAMES, "result": OVERLAID}
SUFFIXES = (".png", ".jpg", ".jpeg")


def snapshot(
    stream: Annotated[str, typer.Argument(help="front/raw, front/result; or raw, result")],
    file: Annotated[Path, typer.Argument(help="A .png or .jpg file")],
    config: ConfigFile = None,
) -> None:
    """Write the next frame of a stream to FILE."""
    if file.suffix.lower() not in SUFFIXES:
        raise Refused(f"{file}: a snapshot's name ends in {', '.join(SUFFIXES)}", os.EX_USAGE)
    device = running(config)
    frame = save(device.run, topic_of(stream, device), file)
    typer.echo(f"{file}: {stream}, frame {frame.frame_seq}, {frame.width}x{frame.height}")


def topic_of(stream: str, device: Config) -> str:
    """`front/raw` is the camera's, `front/result` the overlay's; no camera named: the first."""
    camera, _, kind = stream.strip("/").rpartition("/")
    camera = camera or device.camera[0].name
    names = [entry.name for entry in device.camera]
    if kind not in KINDS or camera not in names:
        streams = ", ".join(f"{name}/{each}" for name in names for each in KINDS)
        raise Refused(f"{stream}: there is no such stream; there are {streams}", os.EX_USAGE)
    return KINDS[kind].of(camera=camera).name


def save(run_dir: Path, topic: str, file: Path, within_s: float = PATIENCE_S) -> Frame:
    """The next frame that could be read whole. The file appears complete or not at all."""
    from bus.frame_reader import FrameReader  # noqa: PLC0415 numpy takes its time
    from bus.frames import FrameLost  # noqa: PLC0415 numpy takes its time

    reason = f"no frame came on {topic}; is it running? `retinue ps` says"
    with Listener(run_dir, topic) as listener, FrameReader(run_dir) as frames:
        for _, wire in listener.messages(within_s):
            try:
                frame = msgspec.msgpack.decode(wire, type=Frame)
                with frames.read(frame.ref) as picture:
                    bgr = picture.bgr()
            except (FrameLost, msgspec.MsgspecError) as error:
                reason = str(error)
                continue
            _write(file, bgr)
            return frame
    raise Refused(f"no picture within {within_s:g} s: {reason}")


def _write(file: Path, bgr: object) -> None:
    import cv2  # noqa: PLC0415 slow to import
    import numpy as np  # noqa: PLC0415

    encoded, data = cv2.imencode(file.suffix.lower(), np.asarray(bgr))
    if not encoded:
        raise Refused(f"{file}: OpenCV cannot write {file.suffix} files")
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        partial.write_bytes(data.tobytes())
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Refused(f"{file}: {error.strerror}") from None
