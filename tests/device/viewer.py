"""An RTSP viewer that was not written here: libav's, in a thread of its own."""

import queue
import threading
from typing import NamedTuple, Self

import av
import numpy as np
import pytest
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from actors.camera.counter import read_counter


class Seen(NamedTuple):
    """One decoded picture."""

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]  # U and V, each half as large as luma
    pts: int

    @property
    def counter(self) -> int | None:
        return read_counter(self.luma)


class Viewer:
    """Plays a mount from the start of the block to its end; `lost` says how the session ended."""

    def __init__(self, url: str, transport: str = "tcp") -> None:
        self._url, self._transport = url, transport
        self._pictures: queue.Queue[Seen | None] = queue.Queue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)
        self.lost = ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def next(self, within_s: float = 20) -> Seen:
        """The next picture; fails if none comes or the session ended."""
        try:
            seen = self._pictures.get(timeout=within_s)
        except queue.Empty:
            pytest.fail(f"{self._url}: no picture within {within_s} s")
        if seen is None:
            pytest.fail(f"{self._url}: the session ended: {self.lost or 'by the server'}")
        return seen

    def waiting(self) -> int:
        return self._pictures.qsize()

    def _play(self) -> None:
        options = {"rtsp_transport": self._transport, "fflags": "nobuffer", "flags": "low_delay"}
        try:
            with av.open(self._url, options=options, timeout=(20, 20)) as container:
                for frame in container.decode(video=0):
                    if self._stop.is_set():
                        return
                    luma, *chroma = (pixels(plane) for plane in frame.planes)
                    self._pictures.put(Seen(luma, np.stack(chroma), frame.pts or 0))
        except av.FFmpegError as error:
            self.lost = str(error)
        finally:
            self._pictures.put(None)


def pixels(plane: VideoPlane) -> NDArray[np.uint8]:
    """A copy of a plane without what pads its rows."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return np.array(rows[: plane.height, : plane.width], np.uint8)
