"""One frame infers, the next is prepared: what happens to frames between inbox and result."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from actors.config import Inference
from actors.inference.engine import Engine
from actors.inference.inbox import Inbox
from bus.frame_reader import FrameReader, Held
from bus.frames import FrameLost
from bus.health import SECOND_NS
from bus.messages import Frame, Result
from bus.sockets import Bus


class InferenceHung(Exception):
    """A request that never ends: this process is beyond repair, the next one is not."""


class Job(NamedTuple):
    """A frame in one of the engine's lanes. Its lease lasts until its result is out."""

    frame: Frame
    held: Held
    lane: int


class Pipeline:
    """As many jobs are started as the engine has room for, and one more is prepared.

    `turn` moves them on; it never waits. Results go to `publish`, in the order of their frames.
    """

    def __init__(
        self,
        bus: Bus,
        frames: FrameReader,
        inbox: Inbox,
        entry: Inference,
        publish: Callable[[Result], None],
    ) -> None:
        self._bus, self._frames, self._inbox = bus, frames, inbox
        self._name, self._deadline_s, self._publish_to = entry.name, entry.deadline_s, publish
        self._started: deque[Job] = deque()
        self._prepared: Job | None = None
        self._watched: tuple[Job, int] | None = None

    def turn(self, engine: Engine, *, stepped_down: bool = False) -> None:
        """Publish what has ended, start what is prepared, prepare the next.

        Raises `EngineLost` if the device failed.
        """
        while self._started and engine.finished(self._started[0].lane):
            job = self._started.popleft()
            self._start(engine)
            self._end(engine, job, stepped_down=stepped_down)
        while self._prepare(engine):
            self._start(engine)

    @property
    def idle(self) -> bool:
        """Whether every frame that came has been seen to."""
        return not self._started and self._prepared is None and self._inbox.empty

    def look(self, now_ns: int) -> None:
        """Raise `InferenceHung` if one job has been running for longer than its deadline."""
        if not self._started:
            self._watched = None
        elif self._watched is None or self._watched[0] is not self._started[0]:
            self._watched = self._started[0], now_ns
        elif now_ns - self._watched[1] > self._deadline_s * SECOND_NS:
            hung = self._started[0].frame
            raise InferenceHung(f"frame {hung.frame_seq}: no answer in {self._deadline_s:g} s")

    def clear(self) -> None:
        """Forget all jobs, as their engine is gone."""
        for job in (*self._started, *([self._prepared] if self._prepared else [])):
            job.held.release()
            self._bus.drop()
        self._started.clear()
        self._prepared = None

    def _end(self, engine: Engine, job: Job, *, stepped_down: bool) -> None:
        try:
            self._publish(engine, job, stepped_down=stepped_down)
        finally:
            job.held.release()

    def _start(self, engine: Engine) -> None:
        if self._prepared and len(self._started) < engine.room:
            engine.start(self._prepared.lane)
            self._started.append(self._prepared)
            self._prepared = None

    def _prepare(self, engine: Engine) -> bool:
        """Fill a free lane with the next frame, or a waiting one anew with a fresher."""
        if len(self._started) == engine.lanes:
            return False
        frame = self._next()
        if frame is None:
            return False
        lane = min(set(range(engine.lanes)) - {job.lane for job in self._started})
        try:
            held = self._frames.hold(frame.ref)
        except FrameLost:
            self._bus.drop()
            return True
        try:
            engine.fill(lane, held.picture)
            held.check()
        except FrameLost:
            held.release()
            self._bus.drop()
            return True
        self._prepared = Job(frame, held, lane)
        return True

    def _next(self) -> Frame | None:
        if self._prepared is None:
            return self._inbox.take()
        if not self._inbox.newer_than(self._prepared.frame):
            return None
        stale, self._prepared = self._prepared, None
        stale.held.release()
        self._bus.drop()
        return self._inbox.replace(stale.frame)

    def _publish(self, engine: Engine, job: Job, *, stepped_down: bool) -> None:
        frame, package = job.frame, engine.package
        result = Result(
            camera=frame.camera,
            frame_seq=frame.frame_seq,
            captured_ns=frame.captured_ns,
            captured_utc_ns=frame.captured_utc_ns,
            ref=frame.ref,
            inference=self._name,
            model=package.name,
            version=package.version,
            family=engine.family,
            device=engine.device,
            status="degraded" if stepped_down else "ok",
            spent_ms=round(engine.spent_ms(job.lane), 3),
            width=frame.width,
            height=frame.height,
            boxes=engine.boxes(job.lane),
        )
        self._publish_to(result)
