"""Puts shots into the camera's pool and tells the bus where they are."""

from collections.abc import Callable

from actors.camera.pacing import SECOND_NS
from actors.camera.patience import Backoff
from actors.camera.shot import Shot, Size
from bus.frame_writer import FrameWriter
from bus.frames import PoolFull, Stamp
from bus.memory import NoMemory
from bus.messages import Frame, FrameRef, TrueBox, Truth
from bus.sockets import Bus
from bus.topics import FRAMES, TRUTH


class Publisher:
    """One camera's way out. The pool follows the pictures' size: a new size, a new pool.

    A frame's number is its message's, so a frame that found no slot leaves a gap in both.
    """

    def __init__(self, bus: Bus, camera: str, make_pool: Callable[[Size], FrameWriter]) -> None:
        self._bus, self._camera, self._make_pool = bus, camera, make_pool
        self._frames, self._truth = FRAMES.of(camera=camera), TRUTH.of(camera=camera)
        self._pool: FrameWriter | None = None
        self._seq = -1
        self._backoff, self._again_ns = Backoff(), 0
        self.trouble = ""  # why there is no pool, with the numbers

    def publish(self, shot: Shot) -> int:
        """Publish a shot, or count it as dropped. Returns its frame's number."""
        self._seq += 1
        stamp = Stamp(self._seq, shot.captured_ns, shot.captured_utc_ns)
        try:
            with self._pool_for(shot).loan(stamp) as (ref, picture):
                boxes = shot.fill(picture)
        except (PoolFull, NoMemory):
            self._bus.drop()
            self._bus.skip(self._frames)
            self._bus.skip(self._truth)
        else:
            self._announce(shot, stamp, ref)
            self._tell(shot, stamp, boxes)
        return self._seq

    def _announce(self, shot: Shot, stamp: Stamp, ref: FrameRef) -> None:
        width, height = shot.size
        frame = Frame(
            camera=self._camera,
            frame_seq=stamp.frame_seq,
            captured_ns=stamp.captured_ns,
            captured_utc_ns=stamp.captured_utc_ns,
            width=width,
            height=height,
            ref=ref,
        )
        self._bus.send(self._frames, frame)

    def _tell(self, shot: Shot, stamp: Stamp, boxes: list[TrueBox]) -> None:
        if shot.scene_index is None:
            return
        truth = Truth(
            camera=self._camera,
            frame_seq=stamp.frame_seq,
            captured_ns=stamp.captured_ns,
            captured_utc_ns=stamp.captured_utc_ns,
            scene_index=shot.scene_index,
            boxes=boxes,
        )
        self._bus.send(self._truth, truth)

    def close(self) -> None:
        if self._pool:
            self._pool.close()
            self._pool = None

    def _pool_for(self, shot: Shot) -> FrameWriter:
        """The pool for a shot's size. `NoMemory` for one: asked for again after a while."""
        if self._pool and (self._pool.layout.width, self._pool.layout.height) == shot.size:
            return self._pool
        if self.trouble and shot.captured_ns < self._again_ns:
            raise NoMemory(self.trouble)
        self.close()
        try:
            self._pool = self._make_pool(shot.size)
        except NoMemory as none:
            self.trouble = str(none)
            self._again_ns = shot.captured_ns + int(self._backoff.failed() * SECOND_NS)
            raise
        self.trouble = ""
        self._backoff.succeeded()
        return self._pool
