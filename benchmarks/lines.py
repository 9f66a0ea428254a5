"""The ways to get a frame to two processes that `hop` and `reader` compare.

`send` fills a frame, takes the time and sends; readers touch a few pixels and note how long
ago that was. All fill a frame first, so that caches and clocks are in the same state. Ours is
I420; the others send that, or BGR as OpenCV gives it, which is twice the bytes.
"""

import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import imagezmq
import numpy as np
import zmq

from bus.frame_reader import FrameReader
from bus.frame_writer import FrameWriter
from bus.frames import FrameLost, Stamp
from bus.messages import Frame
from bus.pixels import I420, Plane, planes
from bus.sizes import size_bytes
from bus.sockets import ZmqBus
from bus.subscriber import Subscriber
from bus.topics import FRAMES

TIME = struct.Struct("<q")
END = 0  # instead of a time: there is no more
SLOTS = 12
Size = tuple[int, int]


class Line(Protocol):
    """The sending end."""

    def send(self, *, last: bool = False) -> None: ...

    def close(self) -> None: ...


class Ours:
    """Retinue's frame pool and bus, as a camera uses them."""

    def __init__(self, run_dir: Path, name: str, size: Size) -> None:
        self._camera, self._size = name, size
        self._bus = ZmqBus(f"camera-{name}", run_dir)
        self._pool = FrameWriter(run_dir, name, size, slots=SLOTS)
        self._source, self._topic = _noise(size), FRAMES.of(camera=name)

    def send(self, *, last: bool = False) -> None:
        width, height = self._size
        with self._pool.loan(Stamp(0, 0, 0)) as (ref, picture):
            picture.copy_from(planes(self._source, width, height))
        sent_ns = _now_ns(last=last)
        frame = Frame(
            camera=self._camera,
            frame_seq=0,
            captured_ns=sent_ns,
            captured_utc_ns=0,
            width=width,
            height=height,
            ref=ref,
        )
        self._bus.send(self._topic, frame)

    def close(self) -> None:
        self._pool.close()
        self._bus.__exit__()


class Bare:
    """Plain pyzmq with 8 bytes: the frame is filled, but goes nowhere."""

    def __init__(self, run_dir: Path, name: str, size: Size) -> None:
        self._source, self._frame = _noise(size), _noise(size)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.PUB)
        self._socket.bind(f"ipc://{run_dir}/{name}.sock")

    def send(self, *, last: bool = False) -> None:
        self._frame[:] = self._source
        self._socket.send(TIME.pack(_now_ns(last=last)))

    def close(self) -> None:
        self._context.destroy(linger=1000)


class Copied(Bare):
    """Plain pyzmq with the time and the frame's bytes."""

    def send(self, *, last: bool = False) -> None:
        self._frame[:] = self._source
        self._socket.send_multipart([TIME.pack(_now_ns(last=last)), self._frame.data])


class CopiedBgr(Copied):
    def __init__(self, run_dir: Path, name: str, size: Size) -> None:
        super().__init__(run_dir, name, size)
        self._source, self._frame = _noise(size, "BGR"), _noise(size, "BGR")


class Imagezmq:
    """imagezmq in its PUB/SUB mode, which does not wait for readers."""

    def __init__(self, run_dir: Path, name: str, size: Size) -> None:
        self._source, self._frame = _noise(size), _noise(size)
        self._array: Plane = self._frame.reshape(-1, size[0])
        self._sender: Any = imagezmq.ImageSender(f"ipc://{run_dir}/{name}.sock", REQ_REP=False)

    def send(self, *, last: bool = False) -> None:
        self._frame[:] = self._source
        self._sender.send_image(str(_now_ns(last=last)), self._array)

    def close(self) -> None:
        self._sender.close()


class ImagezmqBgr(Imagezmq):
    def __init__(self, run_dir: Path, name: str, size: Size) -> None:
        super().__init__(run_dir, name, size)
        self._source, self._frame = _noise(size, "BGR"), _noise(size, "BGR")
        self._array = self._frame.reshape(size[1], size[0], 3)


def read_ours(run_dir: Path, name: str) -> Iterator[int]:
    """The sending times of frames, each once its pixels have been looked at."""
    attached = Subscriber(run_dir, [FRAMES.of(camera=name)])
    with attached, FrameReader(run_dir) as frames:
        for message in attached:
            if not isinstance(message, Frame):
                continue
            try:
                with frames.read(message.ref) as picture:
                    touch(picture)
            except FrameLost:
                continue
            yield message.captured_ns


def read_bare(run_dir: Path, name: str) -> Iterator[int]:
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.connect(f"ipc://{run_dir}/{name}.sock")
        socket.subscribe(b"")
        while True:
            yield TIME.unpack(socket.recv())[0]


def read_copied(run_dir: Path, name: str, size: Size) -> Iterator[int]:
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.connect(f"ipc://{run_dir}/{name}.sock")
        socket.subscribe(b"")
        while True:
            sent, pixels = socket.recv_multipart()
            touch(planes(np.frombuffer(pixels, np.uint8), *size))
            yield TIME.unpack(sent)[0]


def read_imagezmq(run_dir: Path, name: str, size: Size) -> Iterator[int]:
    hub = imagezmq.ImageHub(f"ipc://{run_dir}/{name}.sock", REQ_REP=False)
    try:
        while True:
            sent, rows = hub.recv_image()
            touch(planes(rows.reshape(-1), *size))
            yield int(sent)
    finally:
        hub.close()


SENDERS: dict[str, type[Ours | Bare | Imagezmq]] = {
    "ours": Ours,
    "bare": Bare,
    "copied": Copied,
    "copied-bgr": CopiedBgr,
    "imagezmq": Imagezmq,
    "imagezmq-bgr": ImagezmqBgr,
}


def read(kind: str, run_dir: Path, name: str, size: Size) -> Iterator[int]:
    match kind:
        case "ours":
            return read_ours(run_dir, name)
        case "bare":
            return read_bare(run_dir, name)
        case "copied" | "copied-bgr":
            return read_copied(run_dir, name, size)
    return read_imagezmq(run_dir, name, size)


def touch(picture: I420) -> int:
    """Look at a few pixels."""
    y, u, v = picture
    return int(y[0, 0]) + int(y[-1, -1]) + int(u[-1, -1]) + int(v[-1, -1])


def _now_ns(*, last: bool) -> int:
    return END if last else time.monotonic_ns()


def _noise(size: Size, layout: str = "I420") -> Plane:
    count = 3 * size[0] * size[1] if layout == "BGR" else size_bytes(*size)
    return np.random.default_rng(1).integers(16, 235, count, np.uint8)
