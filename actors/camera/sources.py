"""Which source a camera's address means; the synthetic one is here."""

from collections.abc import Callable
from functools import partial

from actors.camera.feed import HOUSEKEEPING_HZ, Feed
from actors.camera.pacing import Pacer
from actors.camera.scene import Scene
from actors.camera.shot import Condition, Shot, Source, shown
from actors.config import Camera
from actors.setting import parse_setting

SCENE_SIZE = 1280, 720
SCENE_FPS = 30.0


def open_source(camera: Camera, wake: Callable[[], None]) -> Source:
    """Begin with a source; what is wrong with it is in its condition. `wake`: look at once."""
    return SceneSource(camera) if camera.address.kind == "scene" else Feed(camera, wake)


class SceneSource:
    """The synthetic camera, drawn straight into the slot.

    Its index is the count of periods since the clock's zero, so after a restart the picture
    goes on where the time is and does not jump back.
    """

    def __init__(self, camera: Camera) -> None:
        fps = camera.fps or SCENE_FPS
        width, height = self._size = camera.width or SCENE_SIZE[0], camera.height or SCENE_SIZE[1]
        self._scene = Scene(parse_setting(camera.address.options), width, height, fps)
        self._pacer = Pacer(fps)
        self.more = camera.pace == "max"
        self.tick_hz = HOUSEKEEPING_HZ if self.more else fps
        rate = "at full pace" if self.more else f"at {fps:g}"
        self._condition = Condition("running", shown(camera.address.shown, self._size, rate))

    def next(self, now_ns: int, now_utc_ns: int) -> Shot | None:
        index = self._pacer.following(now_ns) if self.more else self._pacer.due(now_ns)
        if index is None:
            return None
        fill = partial(self._scene.draw, index)
        return Shot(self._size, now_ns, now_utc_ns, fill, index)

    def condition(self, now_ns: int) -> Condition:
        del now_ns
        return self._condition

    def lost(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing is held."""
