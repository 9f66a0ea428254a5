"""Which source a camera's address means; the synthetic one is here."""

import time
from collections.abc import Callable

from actors.camera.feed import HOUSEKEEPING_HZ, Feed
from actors.camera.pacing import Pacer
from actors.camera.scene import Scene
from actors.camera.shot import Condition, Shot, Source, shown
from actors.config import Camera
from actors.scenery import parse_setting
from bus.messages import TrueBox
from bus.pixels import I420, blank

SCENE_SIZE = 1280, 720
SCENE_FPS = 30.0


def open_source(camera: Camera, wake: Callable[[], None]) -> Source:
    """Begin with a source; what is wrong with it is in its condition. `wake`: look at once."""
    return SceneSource(camera) if camera.address.kind == "scene" else Feed(camera, wake)


class SceneSource:
    """The synthetic camera. A picture counts as captured when it is drawn, as others' when decoded.

    Its index is the count of periods since the clock's zero, so after a restart the picture
    goes on where the time is and does not jump back.
    """

    def __init__(self, camera: Camera, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        fps = camera.fps or SCENE_FPS
        width, height = self._size = camera.width or SCENE_SIZE[0], camera.height or SCENE_SIZE[1]
        self._scene = Scene(parse_setting(camera.address.options), width, height, fps)
        self._picture, self._boxes = blank(width, height), list[TrueBox]()
        self._pacer, self._clock_ns = Pacer(fps), clock_ns
        self.more = camera.pace == "max"
        self.tick_hz = HOUSEKEEPING_HZ if self.more else fps
        rate = "at full pace" if self.more else f"at {fps:g}"
        self._condition = Condition("running", shown(camera.address.shown, self._size, rate))

    def next(self, now_ns: int, now_utc_ns: int) -> Shot | None:
        index = self._pacer.following(now_ns) if self.more else self._pacer.due(now_ns)
        if index is None:
            return None
        self._boxes = self._scene.draw(index, self._picture)
        late_ns = max(0, self._clock_ns() - now_ns)
        return Shot(self._size, now_ns + late_ns, now_utc_ns + late_ns, self._hand_over, index)

    def _hand_over(self, out: I420) -> list[TrueBox]:
        out.copy_from(self._picture)
        return self._boxes

    def condition(self, now_ns: int) -> Condition:
        del now_ns
        return self._condition

    def lost(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing is held."""
