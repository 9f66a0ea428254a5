"""One stream on its way from pictures to access units: live ones, or the last one with words.

The newest picture is kept by its lease, not by a copy: that costs one slot of the pool and no
time, and the memory stays mapped when its writer dies. Only a picture that gets words is copied.
"""

from collections.abc import Iterator

from actors.caption import caption
from actors.config import Camera, Rtsp
from actors.rtsp.encoder import Encoder
from actors.rtsp.h264 import AccessUnit, delimiter
from actors.rtsp.sdp import Format
from actors.rtsp.sizing import Size, even, fit, resize
from actors.rtsp.timing import SECOND_NS, Freshness, KeyFrames, Thinning
from bus.frame_reader import FrameReader, Held
from bus.frames import FrameLost
from bus.layout import LONGEST_SIDE
from bus.messages import Frame
from bus.pixels import I420, blank

USUAL_FPS = 30.0
SCENE_SIZE, USUAL_SIZE = (1280, 720), (640, 360)
REMIND_NS = SECOND_NS * 9 // 50  # between pictures with words: every second tick, jitter or not
IDLE_NS = 10 * SECOND_NS  # an encoder that nobody used for so long is closed
STEP_NS = 1_000_000  # the least between two pictures: time goes only forward
DARK = 40


class Feed:
    """`viewers` decides whether any work is done."""

    def __init__(self, name: str, camera: Camera, actors: tuple[str, ...], rtsp: Rtsp) -> None:
        self.name, self.actors, self.viewers = name, actors, 0
        self.key_frames = KeyFrames(rtsp.key_frame_s)
        self._freshness = Freshness(camera.fps)
        self._fps, self._quality = camera.fps, rtsp.quality
        self._size = _first_size(camera)
        self._most_fps: int | None = None
        self._most_rows: int | None = None
        self._thinning: Thinning | None = None
        self._encoder: Encoder | None = None
        self._held: Held | None = None
        self._used_ns = self._sent_ns = 0

    def limit(self, most_fps: int | None, most_rows: int | None) -> None:
        """From the next picture on at most so many a second, and so many rows of each.

        Viewers stay: that picture is a key frame and brings what a decoder must know.
        """
        if (most_fps, most_rows) != (self._most_fps, self._most_rows):
            self._most_fps, self._most_rows = most_fps, most_rows
            self._thinning = Thinning(most_fps) if most_fps else None
            self._encoder = None

    def hear(self, frame: Frame, now_ns: int) -> None:
        """Know size and rate, also while nobody watches."""
        if min(frame.width, frame.height) > 0 and max(frame.width, frame.height) <= LONGEST_SIDE:
            self._size = frame.width, frame.height
        self._freshness.hear(frame.captured_ns, now_ns)

    def watch(self, viewers: int, now_ns: int) -> None:
        if viewers and not self.viewers:
            self._freshness.wait(now_ns)
        if self.viewers and not viewers:
            self._let_go()
        if viewers or self.viewers:
            self._used_ns = now_ns
        self.viewers = viewers

    def format(self, now_ns: int) -> Format:
        """What the stream looks like, or would if its camera came up now."""
        self._used_ns = now_ns
        period_ns = self._freshness.period_ns
        fps = self._fps or (round(SECOND_NS / period_ns, 2) if period_ns else 0)
        return Format(self._encoder_for(self._fit(self._size)).sets, self._thinned(fps))

    def due(self, frame: Frame) -> bool:
        """Whether this picture is to be shown; ask once for each."""
        if not self.viewers:
            return False
        return self._thinning is None or self._thinning.admits(frame.captured_ns)

    def show(self, frames: FrameReader, frame: Frame) -> Iterator[AccessUnit]:
        """A picture as it came: its delimiter, then itself once it is encoded.

        Raises `FrameLost`; the next one is then a key frame.
        """
        held = frames.hold(frame.ref)
        self._let_go()
        self._held = held
        begun = self._begin(held.picture, frame.captured_ns, frame.captured_utc_ns)
        yield begun
        unit = self._finish(begun, self._sized(held.picture))
        try:
            held.check()
        except FrameLost:
            self._let_go()
            self.key_frames.restart()
            raise
        yield unit

    def reminder_due(self, now_ns: int) -> bool:
        """Whether viewers are to get the last picture with words, for want of a new one."""
        stale = self.viewers > 0 and self._freshness.stale(now_ns)
        apart_ns = max(REMIND_NS, self._thinning.period_ns if self._thinning else 0)
        return stale and now_ns - self._sent_ns >= apart_ns

    def remind(self, words: str, now_ns: int, now_utc_ns: int) -> Iterator[AccessUnit]:
        """The last picture with words on it, in the same two pieces."""
        picture = self._last_picture()
        caption(picture, words)
        begun = self._begin(picture, now_ns, now_utc_ns)
        yield begun
        yield self._finish(begun, picture)

    def rest(self, now_ns: int) -> None:
        """Give memory back once nobody has watched for a while."""
        if not self.viewers and now_ns - self._used_ns > IDLE_NS:
            self._encoder = None

    def _last_picture(self) -> I420:
        """In memory of its own, in the size that is sent."""
        if self._held:
            last = self._held.picture
            copy = I420(*(plane.copy() for plane in last))
            try:
                self._held.check()
            except FrameLost:
                self._let_go()
            else:
                return self._sized(copy)
        return blank(*self._fit(self._size), DARK)

    def _begin(self, picture: I420, captured_ns: int, captured_utc_ns: int) -> AccessUnit:
        """A picture's time, its kind and its delimiter: all that is known before it is encoded."""
        late_ns = max(0, self._sent_ns + STEP_NS - captured_ns)
        time_ns = self._sent_ns = captured_ns + late_ns
        self._encoder_for(self._fit((picture.width, picture.height)))
        key_frame = self.key_frames.due(time_ns)
        first = [delimiter(key_frame=key_frame)]
        return AccessUnit(first, key_frame, time_ns, captured_utc_ns + late_ns, begun=True)

    def _finish(self, begun: AccessUnit, picture: I420) -> AccessUnit:
        """The rest of a picture that has the size to be sent."""
        encoder = self._encoder_for((picture.width, picture.height))
        nals = encoder.encode(picture, key_frame=begun.key_frame)
        return begun._replace(nals=nals, begun=False)

    def _encoder_for(self, size: Size) -> Encoder:
        if self._encoder is None or self._encoder.size != even(size):
            fps = self._thinned(self._fps or USUAL_FPS)
            self._encoder = Encoder(size, fps, self._quality)
            self.key_frames.restart()
        return self._encoder

    def _thinned(self, fps: float) -> float:
        """The rate that is left of a source's; 0 is an unknown one."""
        return min(fps or self._most_fps, self._most_fps) if self._most_fps else fps

    def _fit(self, size: Size) -> Size:
        return fit(size, self._most_rows)

    def _sized(self, picture: I420) -> I420:
        own = picture.width, picture.height
        size = self._fit(own)
        return picture if size == own else resize(picture, size)

    def _let_go(self) -> None:
        if self._held:
            self._held.release()
        self._held = None


def _first_size(camera: Camera) -> Size:
    if camera.width and camera.height:
        return camera.width, camera.height
    return SCENE_SIZE if camera.address.kind == "scene" else USUAL_SIZE
