"""What is wanted of a running device changes while it is watched: nobody restarts or is lost."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from actors.settings import SettingsFile
from tests.device.device import Device, free_port, running
from tests.device.viewer import Seen, Viewer

pytestmark = [pytest.mark.device, pytest.mark.timeout(120)]

SIZE, SMALL = (640, 1200), (384, 720)  # more rows than one may ask for, and cheap to encode
FPS = 20
SAID = "the log's level is debug"
MOST = 400  # pictures that a change may take to be seen


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
source = "scene:?density=0.2&weather=clear&time=day"
width = {SIZE[0]}
height = {SIZE[1]}
fps = {FPS}
[frames]
slots = 32
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        yield device


@pytest.fixture
def viewers(device: Device) -> Iterator[dict[str, Viewer]]:
    mounts = ("front/raw", "front/result")
    with ExitStack() as stack:
        yield {mount: stack.enter_context(Viewer(device.url(mount))) for mount in mounts}


def until_rows(viewer: Viewer, rows: int) -> Seen:
    """The first picture of that height."""
    for _ in range(MOST):
        seen = viewer.next()
        if seen.luma.shape[0] == rows:
            return seen
    pytest.fail(f"no picture of {rows} rows among {MOST}")


def steps(viewer: Viewer, count: int) -> list[int]:
    """How far the camera's numbers in so many pictures are apart."""
    numbers = [viewer.next().counter for _ in range(count + 1)]
    found = [number for number in numbers if number is not None]
    assert len(found) == len(numbers)
    return [after - before for before, after in pairwise(found)]


def until_step(viewer: Viewer, step: int) -> None:
    """Until the pictures are so far apart, and stay."""
    for _ in range(MOST):
        if steps(viewer, 2) == [step, step]:
            break
    assert steps(viewer, 6) == [step] * 6


def until_ended(viewer: Viewer) -> None:
    with pytest.raises(pytest.fail.Exception, match="the session ended"):
        for _ in range(MOST):
            viewer.next()


def test_viewers_see_what_is_wanted_and_stay(device: Device, viewers: dict[str, Viewer]) -> None:
    wanted = SettingsFile(device.config.state)
    raw, result = viewers["front/raw"], viewers["front/result"]
    pids = {actor: device.pid(actor) for actor in device.actors}
    for viewer in (raw, result):
        assert viewer.next().luma.shape == SIZE[::-1]
    wanted.change({"stream_resolution": "720p"})
    for viewer in (raw, result):
        assert until_rows(viewer, SMALL[1]).luma.shape == SMALL[::-1]
        assert steps(viewer, 3) == [1, 1, 1]
    wanted.change({"stream_fps": 10, "stream_resolution": None})
    for viewer in (raw, result):
        until_rows(viewer, SIZE[1])
        until_step(viewer, FPS // 10)
    wanted.change({"result_stream": False})
    until_ended(result)
    assert set(steps(raw, raw.waiting() + 5)) == {FPS // 10}
    with pytest.raises(pytest.fail.Exception, match="404"), Viewer(device.url("result")) as late:
        late.next()
    assert {actor: device.pid(actor) for actor in device.actors} == pids


def test_everybody_logs_at_the_level_that_is_wanted(device: Device) -> None:
    log = device.config.run.with_suffix(".log")
    SettingsFile(device.config.state).change({"log_level": "debug"})

    def silent() -> set[str]:
        said = {line.split()[1] for line in log.read_text().splitlines() if SAID in line}
        return set(device.actors) - said

    device.until(lambda _: not silent(), lambda: f"the word of {silent()} on its log's level")
