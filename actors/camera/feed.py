"""A source that is read in a thread of its own: clips, network streams, devices.

The thread opens, decodes, keeps a clip's time, scales, and leaves pictures on the shelf. What
fails is told and tried again after a growing wait, for as long as the camera lives.
"""

import threading
import time
from collections.abc import Callable
from functools import partial

from actors.camera.faults import SourceFault
from actors.camera.pacing import SECOND_NS, Playback, Thinner
from actors.camera.patience import Backoff, Pulse
from actors.camera.reader import Reader, copy
from actors.camera.shelf import Shelf
from actors.camera.shot import Condition, Shot, shown
from actors.config import Camera
from bus.messages import State

PREFETCH = 3
HOUSEKEEPING_HZ = 20.0  # pictures wake the loop; ticks are for noticing that none come
LONGEST_JOIN_S = 0.5  # a thread that waits for a dead camera is left to end by itself


class Feed:
    """Live sources: the newest picture, stamped when decoded. Clips: each when it is due.

    `wake` is called from the thread whenever there is something to look at.
    """

    tick_hz = HOUSEKEEPING_HZ

    def __init__(self, camera: Camera, wake: Callable[[], None]) -> None:
        self._camera, self._wake = camera, wake
        self._name = camera.address.shown
        self._shelf, self._pulse = Shelf(PREFETCH), Pulse()
        self._condition = Condition("starting", f"opening {self._name}")
        self._live = self._ended = False
        self._stop, self._waking = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._work, name="source", daemon=True)
        self._thread.start()

    def next(self, now_ns: int, now_utc_ns: int) -> Shot | None:
        del now_ns, now_utc_ns
        shot = self._shelf.take()
        if shot:
            self._pulse.beat(shot.captured_ns)
        return shot

    @property
    def more(self) -> bool:
        return len(self._shelf) > 0

    def condition(self, now_ns: int) -> Condition:
        if not self._thread.is_alive() and not self._ended:
            raise RuntimeError(f"{self._name}: the thread that reads it died, see the log above")
        condition = self._condition
        if condition.state == "running" and self._live and self._pulse.stalled(now_ns):
            return Condition("degraded", f"{self._name}: no pictures come; connecting again soon")
        return condition

    def lost(self) -> int:
        return self._shelf.lost()

    def close(self) -> None:
        with self._waking:
            self._stop.set()
        self._shelf.close()
        self._thread.join(LONGEST_JOIN_S)

    def _work(self) -> None:
        backoff, playback = Backoff(), Playback()
        while not self._stop.is_set():
            try:
                with Reader(self._camera) as reader:
                    self._live = reader.live
                    self._play(reader, playback, backoff)
            except SourceFault as fault:
                self._say("degraded", f"{self._name}: {fault}")
                self._stop.wait(backoff.failed())
            else:
                if not self._camera.loop:
                    break
        self._shelf.wait_until_empty()
        self._ended = True
        self._say("degraded", f"{self._name}: end of clip")

    def _play(self, reader: Reader, playback: Playback, backoff: Backoff) -> None:
        thinner = Thinner(self._camera.fps)
        rate = self._rate(reader)
        for media_ns, frame in reader.pictures():
            now_ns, utc_ns = time.monotonic_ns(), time.time_ns()
            self._shelf.count_lost(reader.damaged())
            if self._stop.is_set():
                return
            if not thinner.takes(now_ns if reader.live else media_ns):
                continue
            picture = reader.fitted(frame)
            size = picture.width, picture.height
            if not reader.live and self._camera.pace == "realtime":
                due_ns = playback.due_ns(media_ns, reader.rate_hz, now_ns)
                self._stop.wait((due_ns - time.monotonic_ns()) / SECOND_NS)
                now_ns, utc_ns = time.monotonic_ns(), time.time_ns()
            shot = Shot(size, now_ns, utc_ns, partial(copy, picture))
            self._hand_over(shot, newest=reader.live or self._camera.pace == "realtime")
            backoff.succeeded()
            self._say("running", shown(self._name, size, rate))
        self._shelf.count_lost(reader.damaged())

    def _rate(self, reader: Reader) -> str:
        if not reader.live and self._camera.pace == "max":
            return "at full pace"
        return f"at {round(min(reader.rate_hz, self._camera.fps or reader.rate_hz), 2):g}"

    def _hand_over(self, shot: Shot, *, newest: bool) -> None:
        if newest:
            self._shelf.replace(shot)
        else:
            self._shelf.put(shot)
        self._notify()

    def _say(self, state: State, detail: str) -> None:
        if self._condition != (state, detail):
            self._condition = Condition(state, detail)
            self._notify()

    def _notify(self) -> None:
        with self._waking:
            if not self._stop.is_set():
                self._wake()
