"""What a test of the stage's loop stands on: real pools, the real encoder and a server that only
keeps what it is given."""

from collections.abc import Callable, Mapping
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from actors.config import Camera, Config
from actors.rtsp.demand import Demand
from actors.rtsp.h264 import AccessUnit
from actors.rtsp.sdp import Format
from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.messages import Frame, Message, Tick, Woken
from bus.testing import Script

SECOND_NS = 1_000_000_000
FRAME_NS = SECOND_NS // 30
SIZE = (64, 48)
CONFIG = Config(camera=(Camera("front"), Camera("back", width=32, height=16)))
Step = Message | Callable[[], Message | None]


class Shelf:
    """A server without sockets."""

    def __init__(self) -> None:
        self.demand = Demand(lambda: None)
        self.begun: list[tuple[str, AccessUnit]] = []
        self.units: list[tuple[str, AccessUnit]] = []
        self.formats: list[tuple[str, Format]] = []
        self.opened: list[Mapping[str, str]] = []
        self.trouble = ""
        self.ticked: Callable[[], None] = lambda: None

    def tick(self, now_ns: int) -> str:
        del now_ns
        self.ticked()
        return self.trouble

    def open(self, mounts: Mapping[str, str]) -> None:
        self.opened.append(mounts)

    def publish(self, stream: str, unit: AccessUnit) -> None:
        (self.begun if unit.begun else self.units).append((stream, unit))

    def describe(self, stream: str, form: Format) -> None:
        self.formats.append((stream, form))

    def begin(self, stream: str) -> Callable[[], None]:
        return lambda: self.demand.begin(stream)

    def end(self, stream: str) -> Callable[[], None]:
        return lambda: self.demand.end(stream)

    def lumas(self) -> list[float]:
        """Mean brightness of each picture, as a viewer decodes them."""
        return [_mean(frame.planes[0]) for frame in self._decoded()]

    def sizes(self) -> list[tuple[int, int]]:
        """Of each picture, as a viewer decodes them."""
        return [(frame.width, frame.height) for frame in self._decoded()]

    def _decoded(self) -> list[VideoFrame]:
        decoder = av.CodecContext.create("h264", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_count = 1
        coded = [b"".join(b"\0\0\0\1" + nal for nal in unit.nals) for _, unit in self.units]
        return [frame for data in coded for frame in decoder.decode(av.Packet(data))]


def _mean(plane: VideoPlane) -> float:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return float(rows[:, : plane.width].mean())


class Source:
    """A camera or overlay: frames in a real pool, each brighter than the last."""

    def __init__(self, run_dir: Path, pool: str = "front", size: tuple[int, int] = SIZE) -> None:
        self._pool = FrameWriter(run_dir, pool, size, 4)
        self._size, self._seq = size, 0

    def frame(self) -> Frame:
        seq, self._seq = self._seq, self._seq + 1
        stamp = Stamp(seq, SECOND_NS + seq * FRAME_NS, 9 * SECOND_NS + seq * FRAME_NS)
        with self._pool.loan(stamp) as (ref, picture):
            picture.y[:] = 50 + seq * 10
            picture.u[:] = picture.v[:] = 128
        width, height = self._size
        return Frame(
            camera="front",
            frame_seq=seq,
            captured_ns=stamp.captured_ns,
            captured_utc_ns=stamp.captured_utc_ns,
            width=width,
            height=height,
            ref=ref,
        )

    def close(self) -> None:
        self._pool.close()


def tick(seconds: float) -> Tick:
    now_ns = int(seconds * SECOND_NS)
    return Tick(now_ns=now_ns, now_utc_ns=8 * SECOND_NS + now_ns)


def woken() -> Woken:
    return Woken(now_ns=SECOND_NS)


Play = Callable[..., Script]
