"""One camera's pictures on their way to the overlay: held, copied, drawn on, published."""

from collections import deque
from collections.abc import Callable

from actors.caption import Place, caption
from actors.config import Camera
from actors.overlay.alignment import Alignment
from actors.overlay.draw import draw
from bus.frame_reader import FrameReader, Held
from bus.frame_writer import FrameWriter
from bus.frames import FrameLost, PoolFull, Stamp
from bus.health import SECOND_NS
from bus.memory import NoMemory
from bus.messages import Box, Frame, Health
from bus.pixels import I420, blank
from bus.sockets import Bus
from bus.topics import OVERLAID, POST_NAMES

NO_CAMERA_NS = SECOND_NS  # without a frame for so long the last one is shown again, saying so
REPEAT_NS = SECOND_NS // 5
DARK = 40
NOBODY_LOOKS = "no model looks at this camera: name it in an [[inference]]"

MakePool = Callable[[str, tuple[int, int]], FrameWriter]


class Easel:
    """Takes a camera's frames in order and publishes each once, drawn."""

    def __init__(
        self,
        bus: Bus,
        frames: FrameReader,
        camera: Camera,
        alignment: Alignment,
        make_pool: MakePool,
        *,
        min_score: float = 0.0,
    ) -> None:
        self._bus, self._frames, self._make_pool = bus, frames, make_pool
        self._name, self.alignment, self._min_score = camera.name, alignment, min_score
        self._topic = OVERLAID.of(camera=camera.name)
        self._blank_size = camera.width or 1280, camera.height or 720
        self._pool: FrameWriter | None = None
        self._waiting: deque[tuple[Frame, Held]] = deque()
        self._last: tuple[Frame, Held] | None = None
        self._shown_ns: int | None = None
        self._stale = False
        self._health: dict[str, Health] = {}

    def note(self, health: Health) -> None:
        """Remember what an actor that matters here says of itself."""
        self._health[health.actor] = health

    def take(self, frame: Frame) -> None:
        """Lease a frame until its turn; the oldest goes on when too many are held."""
        try:
            held = self._frames.hold(frame.ref)
        except FrameLost:
            self._lose()
            return
        self._waiting.append((frame, held))
        if len(self._waiting) >= self._frames.quota(frame.ref):
            self._show(frame.published_ns)

    def turn(self, now_ns: int) -> None:
        """Publish the frames that wait for nothing more."""
        while self._waiting and self.alignment.ready(self._waiting[0][0], now_ns):
            self._show(now_ns)

    def look(self, now_ns: int, now_utc_ns: int) -> None:
        """Without a camera, show the last picture again with the reason on it."""
        if self._shown_ns is None:
            self._shown_ns = now_ns
        if now_ns - self._shown_ns < (REPEAT_NS if self._stale else NO_CAMERA_NS):
            return
        self._shown_ns, self._stale = now_ns, True
        if self._last:
            frame, held = self._last
            picture, number = held.picture, frame.frame_seq
        else:
            picture, number = blank(*self._blank_size, luma=DARK), -1
        notes = [self._camera_note(), *self._silent_notes(now_ns)]
        self._publish(Stamp(number, now_ns, now_utc_ns), picture, [], notes)

    def close(self) -> None:
        for _, held in (*self._waiting, *([self._last] if self._last else [])):
            held.release()
        if self._pool:
            self._pool.close()

    def _show(self, now_ns: int) -> None:
        frame, held = self._waiting.popleft()
        self._shown_ns, self._stale = now_ns, False
        results = self.alignment.results_for(frame, now_ns)
        boxes = [b for r in results for b in r.boxes if b.score >= self._min_score]
        stamp = Stamp(frame.frame_seq, frame.captured_ns, frame.captured_utc_ns)
        try:
            self._publish(stamp, held.picture, boxes, self._silent_notes(now_ns), held)
        except FrameLost:
            self._lose()
        if self._last:
            self._last[1].release()
        self._last = frame, held

    def _publish(
        self,
        stamp: Stamp,
        picture: I420,
        boxes: list[Box],
        notes: list[str],
        held: Held | None = None,
    ) -> None:
        """Draw on a copy in the overlay's own pool; `FrameLost` if the original was lost."""
        try:
            pool = self._pool_for((picture.width, picture.height))
            with pool.loan(stamp) as (ref, canvas):
                canvas.copy_from(picture)
                if held:
                    held.check()
                draw(canvas, boxes)
                if notes:
                    caption(canvas, "\n".join(notes), Place.TOP)
        except NoMemory as error:
            self._bus.report("degraded", str(error))
            return self._lose()
        except PoolFull:
            return self._lose()
        frame = Frame(
            camera=self._name,
            frame_seq=stamp.frame_seq,
            captured_ns=stamp.captured_ns,
            captured_utc_ns=stamp.captured_utc_ns,
            width=picture.width,
            height=picture.height,
            status="ok" if held else "stale",
            ref=ref,
        )
        return self._bus.send(self._topic, frame)

    def _pool_for(self, size: tuple[int, int]) -> FrameWriter:
        pool = self._pool
        if pool is None or (pool.layout.width, pool.layout.height) != size:
            if pool:
                pool.close()
            self._pool = None
            self._pool = pool = self._make_pool(f"overlay-{self._name}", size)
        return pool

    def _lose(self) -> None:
        """A frame that cannot be drawn: counted, and seen as a gap."""
        self._bus.drop()
        self._bus.skip(self._topic)

    def _camera_note(self) -> str:
        said = self._health.get(f"camera-{self._name}")
        reason = said.detail if said and said.state == "degraded" else "no picture comes"
        return f"camera {self._name}: {reason}"

    def _silent_notes(self, now_ns: int) -> list[str]:
        if not self.alignment.entries:
            return [NOBODY_LOOKS]
        return [self._inference_note(name) for name in self.alignment.silent(now_ns)]

    def _inference_note(self, name: str) -> str:
        for said in (self._health.get(f"inference-{name}-{post}") for post in POST_NAMES):
            if said and said.state in {"degraded", "starting"} and said.detail:
                return f"{name}: {said.detail}"
        return f"{name}: no results; the stage is starting or away"
