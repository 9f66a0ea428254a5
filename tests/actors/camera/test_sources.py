import threading
from contextlib import closing

from actors.camera.feed import Feed
from actors.camera.sources import SceneSource, open_source
from actors.config import Camera

PERIOD_NS = 33_333_333


def test_the_address_says_which_source() -> None:
    with closing(open_source(Camera("a"), threading.Event().set)) as scene:
        assert isinstance(scene, SceneSource)
        assert scene.condition(0) == ("running", "scene: 1280x720 at 30")
        assert scene.tick_hz == 30
    with closing(open_source(Camera("a", "file:none.mp4"), threading.Event().set)) as clip:
        assert isinstance(clip, Feed)


def test_a_restarted_scene_goes_on_where_the_time_is() -> None:
    camera = Camera("a", "scene:", 64, 64)
    before = SceneSource(camera).next(5000 * PERIOD_NS, 0)
    after = SceneSource(camera).next(5040 * PERIOD_NS, 0)
    assert before
    assert after
    assert (before.scene_index, after.scene_index) == (5000, 5040)


def test_the_scene_publishes_at_its_rate_however_often_it_is_asked() -> None:
    scene = SceneSource(Camera("a", "scene:", 64, 64, fps=10))
    shots = [scene.next(at * 10_000_000, 0) for at in range(100)]
    indices = [shot.scene_index for shot in shots if shot]
    assert indices in ([*range(10)], [*range(11)])


def test_a_picture_is_captured_when_it_is_drawn() -> None:
    scene = SceneSource(Camera("a", "scene:", 64, 64), lambda: 5000 * PERIOD_NS + 7)
    shot = scene.next(5000 * PERIOD_NS, 1_000_000)
    assert shot
    assert (shot.captured_ns, shot.captured_utc_ns) == (5000 * PERIOD_NS + 7, 1_000_007)
