"""All streams of the device: which frame is whose, who is watched, what is said meanwhile."""

from typing import Any, Literal

from actors.config import Camera, Config
from actors.rtsp.feed import Feed
from actors.rtsp.mounts import RAW, RESULT, mounts, off, stream_name
from actors.rtsp.server import Server
from actors.rtsp.words import Words
from actors.settings import Settings
from bus.frame_reader import FrameReader
from bus.messages import Done, Frame
from bus.topics import FRAMES, HEALTH, OVERLAID, Keep, Topic

ROWS = {"native": None, "1080p": 1080, "720p": 720}


class Programme:
    """Times are those of the last tick."""

    def __init__(self, config: Config) -> None:
        self.words, self.now_ns = Words(), 0
        self._cameras = [camera.name for camera in config.camera]
        self._at_full_pace = {camera.name for camera in config.camera if camera.at_full_pace}
        self._wanted: Settings | None = None
        self._feeds: dict[str, Feed] = {}
        for camera in config.camera:
            seer = FRAMES.of(camera=camera.name).owner
            drawer = OVERLAID.of(camera=camera.name).owner
            for kind, actors in ((RAW, (seer,)), (RESULT, (seer, drawer))):
                name = stream_name(camera.name, kind)
                self._feeds[name] = Feed(name, camera, actors, config.rtsp)

    @staticmethod
    def topics(config: Config) -> list[Topic[Any]]:
        """Health first, so that what is said is known before it is needed."""
        frames = [topic for camera in config.camera for topic in _frames(camera)]
        owners = dict.fromkeys(topic.owner for topic in frames)
        return [*(HEALTH.of(actor=owner) for owner in owners), *frames]

    @property
    def detail(self) -> str:
        viewers = sum(feed.viewers for feed in self._feeds.values())
        hidden = off(self._wanted) if self._wanted else []
        said = f"{viewers} viewer{'' if viewers == 1 else 's'}"
        return f"{said}; switched off: {', '.join(hidden)}" if hidden else said

    def converge(self, server: Server, wanted: Settings) -> None:
        """Have shown what is wanted, as it is wanted. Whom it does not concern notices nothing."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        server.open(mounts(self._cameras, wanted))
        for feed in self._feeds.values():
            feed.limit(wanted.stream_fps, ROWS[wanted.stream_resolution or "native"])

    def show(self, server: Server, frames: FrameReader, frame: Frame) -> bool:
        """Publish a frame if someone watches its stream, and say whether. Raises `FrameLost`."""
        feed = self._feeds.get(stream_name(frame.camera, _kind(frame)))
        if not feed:
            return False
        feed.hear(frame, self.now_ns)
        if not feed.due(frame):
            return False
        for unit in feed.show(frames, frame):
            server.publish(feed.name, unit)
        return True

    def done(self, frame: Frame) -> Done | None:
        """What a camera at full pace is to hear of a frame that was shown or lost.

        Nothing while nobody watches: then it need not wait for the encoder.
        """
        if frame.camera not in self._at_full_pace:
            return None
        kind = _kind(frame)
        if not self._feeds[stream_name(frame.camera, kind)].viewers:
            return None
        return Done(camera=frame.camera, stream=kind, frame_seq=frame.frame_seq)

    def follow(self, server: Server, now_ns: int) -> int:
        """Do as viewers want; how many pictures slow ones lost since the last time."""
        self.now_ns = now_ns
        orders = server.demand.take()
        for name, feed in self._feeds.items():
            feed.watch(orders.viewers.get(name, 0), now_ns)
            if name in orders.key_frames:
                feed.key_frames.ask()
            if name in orders.formats:
                server.describe(name, feed.format(now_ns))
            feed.rest(now_ns)
        return orders.lost

    def remind(self, server: Server, now_utc_ns: int) -> None:
        """Tell the viewers of streams without new pictures why there are none."""
        for name, feed in self._feeds.items():
            if feed.reminder_due(self.now_ns):
                words = f"{name}: {self.words.about(feed.actors, self.now_ns)}"
                for unit in feed.remind(words, self.now_ns, now_utc_ns):
                    server.publish(name, unit)


def _kind(frame: Frame) -> Literal["raw", "result"]:
    """What the overlay drew lies in a pool named after both."""
    return RESULT if frame.ref.pool == f"{OVERLAID.owner}-{frame.camera}" else RAW


def _frames(camera: Camera) -> list[Topic[Frame]]:
    """Its two topics, and every frame of them: viewers see a gap, and the encoder catches up
    several times as fast as frames come. What it is too late for, the pool has lost.
    """
    topics = [FRAMES.of(camera=camera.name), OVERLAID.of(camera=camera.name)]
    return [topic._replace(keep=Keep.ALL) for topic in topics]
