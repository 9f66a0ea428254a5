"""A look at a camera by who does not listen to it."""

import select
from pathlib import Path

from actors.collect.glance import ThreadedGlances
from bus.messages import Frame, FrameRef, Tick
from bus.sockets import ZmqBus
from bus.topics import FRAMES
from bus.wake import Wake

FRAME = Frame(
    camera="front",
    frame_seq=3,
    captured_ns=1,
    captured_utc_ns=1,
    width=64,
    height=48,
    ref=FrameRef("camera-front", 1, 0, 4),
)


def woken(wake: Wake, within_ms: int) -> bool:
    poll = select.poll()
    poll.register(wake.fd, select.POLLIN)
    return bool(poll.poll(within_ms))


def test_the_next_frame_comes_and_the_loop_is_woken(run_dir: Path) -> None:
    wake = Wake()
    glances = ThreadedGlances(run_dir, wake)
    with ZmqBus("camera-front", run_dir, tick_hz=50) as camera:
        glances.begin("front")
        for ticks, message in enumerate(camera):
            assert ticks < 1000
            if isinstance(message, Tick):
                camera.send(FRAMES.of(camera="front"), FRAME)
            if woken(wake, 0):
                break
    ((name, frame),) = glances.take()
    assert (name, frame.frame_seq if frame else None) == ("front", 3)
    assert glances.take() == []


def test_a_camera_that_is_away_is_not_waited_for_long(run_dir: Path) -> None:
    wake = Wake()
    glances = ThreadedGlances(run_dir, wake)
    glances.begin("front")
    assert woken(wake, 10_000)
    assert [glimpse.frame for glimpse in glances.take()] == [None]
