"""`retinue snapshot`: one frame into a picture file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from actors.config import Config
from actors.wiring import STREAMS
from bus.messages import Frame
from bus.topics import Topic
from cli.refusal import Refused
from cli.target import ConfigFile, running

PATIENCE_S = 5.0
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


def topic_of(stream: str, device: Config) -> Topic[Frame]:
    """`front/raw` is the camera's, `front/result` the overlay's; no camera named: the first."""
    camera, _, kind = stream.strip("/").rpartition("/")
    camera = camera or device.camera[0].name
    names = [entry.name for entry in device.camera]
    if kind not in STREAMS or camera not in names:
        streams = ", ".join(f"{name}/{each}" for name in names for each in STREAMS)
        raise Refused(f"{stream}: there is no such stream; there are {streams}", os.EX_USAGE)
    return STREAMS[kind].of(camera=camera)


def save(run_dir: Path, topic: Topic[Frame], file: Path, within_s: float = PATIENCE_S) -> Frame:
    """The next frame that could be read whole. The file appears complete or not at all."""
    from actors.snapshot import NoPicture, next_picture, write  # noqa: PLC0415 numpy takes its time

    try:
        picture = next_picture(run_dir, topic, within_s)
        write(file, picture.bgr)
    except NoPicture as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
    return picture.frame
