"""Pictures and cameras to test with, and a way to wait for what a feed does."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from av.video.frame import VideoFrame

from actors.camera.feed import Feed
from actors.camera.shot import Shot
from actors.config import Camera
from bus.pixels import I420, blank

PATIENCE_S = 20


class MakeClip(Protocol):
    """Writes a clip and returns its path."""

    def __call__(
        self,
        name: str,
        size: tuple[int, int] = ...,
        *,
        codec: str = ...,
        pixels: str = ...,
        count: int = ...,
        rate: int = ...,
    ) -> Path: ...


def pictures(size: tuple[int, int], count: int) -> Iterator[VideoFrame]:
    """Orange, with a bar that moves."""
    width, height = size
    for number in range(count):
        rgb = np.empty((height, width, 3), np.uint8)
        rgb[:] = 230, 120, 40
        rgb[:, number * width // count :][:, : max(2, width // 20)] = 255
        frame = VideoFrame.from_ndarray(rgb, "rgb24")
        frame.pts = number
        yield frame


def clip_camera(path: Path | str, **settings: Any) -> Camera:
    """At full pace, once, unless `settings` say otherwise."""
    given: dict[str, Any] = {"pace": "max", "loop": False} | settings
    return Camera("clip", f"file:{path}", **given)


def picture_of(shot: Shot) -> I420:
    """What a shot puts into a slot."""
    out = blank(*shot.size, luma=0)
    shot.fill(out)
    return out


class Watched:
    """A feed, and waits with a deadline for what it does."""

    def __init__(self, camera: Camera) -> None:
        self._woken = threading.Event()
        self.feed = Feed(camera, self._woken.set)
        self.shots: list[Shot] = []

    def until(self, done: Callable[[], bool]) -> None:
        """Take what comes until it is `done`."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            while shot := self.feed.next(0, 0):
                self.shots.append(shot)
            if done():
                return
            if not self._woken.wait(deadline - time.monotonic()):
                pytest.fail(f"{len(self.shots)} shots, then {self.detail!r}")
            self._woken.clear()

    def until_said(self, text: str) -> str:
        self.until(lambda: text in self.detail)
        return self.detail

    def until_end(self) -> list[Shot]:
        self.until_said("end of clip")
        return self.shots

    @property
    def detail(self) -> str:
        return self.feed.condition(0).detail
