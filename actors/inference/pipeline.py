"""One frame infers, the next is prepared: what happens to frames between inbox and result."""

from typing import NamedTuple

from actors.inference.engine import Engine
from actors.inference.inbox import Inbox
from bus.frames import FrameLost, FrameReader, Held
from bus.health import SECOND_NS
from bus.messages import Frame, Result
from bus.sockets import Bus
from bus.topics import RESULTS

DEADLINE_NS = 10 * SECOND_NS


class InferenceHung(Exception):
    """A request that never ends: this process is beyond repair, the next one is not."""


class Job(NamedTuple):
    """A frame in one of the engine's lanes. Its lease lasts until its result is out."""

    frame: Frame
    held: Held
    lane: int


class Pipeline:
    """At most one job infers and one is prepared. `turn` moves both on; it never waits."""

    def __init__(self, bus: Bus, frames: FrameReader, inbox: Inbox, name: str) -> None:
        self._bus, self._frames, self._inbox, self._name = bus, frames, inbox, name
        self._running: Job | None = None
        self._prepared: Job | None = None
        self._watched: tuple[Job, int] | None = None

    def turn(self, engine: Engine, *, stepped_down: bool = False) -> None:
        """Start the prepared job once the running one has ended, publish, prepare the next.

        Raises `EngineLost` if the device failed.
        """
        done = None
        if self._running and engine.finished(self._running.lane):
            done, self._running = self._running, None
        self._start(engine)
        if done:
            try:
                self._publish(engine, done, stepped_down=stepped_down)
            finally:
                done.held.release()
        while self._prepare(engine):
            self._start(engine)

    def look(self, now_ns: int) -> None:
        """Raise `InferenceHung` if one job has been running for longer than its deadline."""
        if self._running is None:
            self._watched = None
        elif self._watched is None or self._watched[0] is not self._running:
            self._watched = self._running, now_ns
        elif now_ns - self._watched[1] > DEADLINE_NS:
            raise InferenceHung(f"frame {self._running.frame.frame_seq}: no answer in 10 s")

    def clear(self) -> None:
        """Forget all jobs, as their engine is gone."""
        for job in (self._running, self._prepared):
            if job:
                job.held.release()
                self._bus.drop()
        self._running = self._prepared = None

    def _start(self, engine: Engine) -> None:
        if self._prepared and not self._running:
            self._running, self._prepared = self._prepared, None
            engine.start(self._running.lane)

    def _prepare(self, engine: Engine) -> bool:
        """Fill the free lane with the next frame, or a waiting one anew with a fresher."""
        frame = self._next()
        if frame is None:
            return False
        lane = 1 - self._running.lane if self._running else 0
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
            boxes=engine.boxes(job.lane),
        )
        self._bus.send(RESULTS.of(camera=frame.camera, inference=self._name), result)
