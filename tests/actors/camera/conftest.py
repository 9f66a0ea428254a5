"""Clips made on the spot, and feeds that are closed when the test ends."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from actors.config import Camera
from tests.actors.camera.clips import MakeClip, Watched, pictures


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    def make(
        name: str,
        size: tuple[int, int] = (320, 240),
        *,
        codec: str = "libx264",
        pixels: str = "yuv420p",
        count: int = 10,
        rate: int = 25,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream: Any = container.add_stream(codec, rate=rate)
            stream.width, stream.height = size
            stream.pix_fmt = pixels
            stream.codec_context.time_base = Fraction(1, rate)
            stream.codec_context.gop_size = 5
            if codec == "libx264":
                stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
            for frame in pictures(size, count):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return make


@pytest.fixture
def watch() -> Iterator[Callable[[Camera], Watched]]:
    watched: list[Watched] = []

    def start(camera: Camera) -> Watched:
        watched.append(Watched(camera))
        return watched[-1]

    yield start
    for each in watched:
        each.feed.close()
