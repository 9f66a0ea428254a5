"""The actor itself: a scripted bus, a real pool, real sources."""

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest

from actors.camera.__main__ import run
from actors.camera.counter import read_counter
from actors.camera.feed import Feed
from actors.camera.publisher import Publisher
from actors.camera.shot import Condition, Shot, Size
from actors.camera.sources import SceneSource
from actors.camera.window import Window
from actors.config import Camera
from bus.frame_reader import FrameReader, Held
from bus.frame_writer import FrameWriter
from bus.messages import Done, Frame, FrameRef, Message, Result, Tick, TrueBox, Truth, Woken
from bus.pixels import I420
from bus.testing import Script
from tests.actors.camera.clips import MakeClip, clip_camera

PERIOD_NS = 33_333_333
START_NS = 1000 * PERIOD_NS
SCENE = Camera("front", "scene:?seed=7", width=320, height=240)


class Shots:
    """A source that has all its pictures at once."""

    tick_hz = 20.0

    def __init__(self, *shots: Shot) -> None:
        self._shots = list(shots)
        self.asked = 0

    def next(self, now_ns: int, now_utc_ns: int) -> Shot | None:
        del now_ns, now_utc_ns
        self.asked += 1
        return self._shots.pop(0) if self._shots else None

    @property
    def more(self) -> bool:
        return bool(self._shots)

    def condition(self, now_ns: int) -> Condition:
        del now_ns
        return Condition("running", "shots")

    def lost(self) -> int:
        return 2

    def close(self) -> None:
        pass


def fill(luma: int, out: I420) -> list[TrueBox]:
    out.y[:] = luma
    return []


def shot(number: int, size: Size = (64, 48)) -> Shot:
    at_ns = START_NS + number * PERIOD_NS
    return Shot(size, at_ns, at_ns + 5, partial(fill, number))


def tick(number: int) -> Tick:
    now_ns = START_NS + number * PERIOD_NS
    return Tick(now_ns=now_ns, now_utc_ns=now_ns + 5)


def woken(number: int = 0) -> Woken:
    return Woken(now_ns=START_NS + number * PERIOD_NS)


def pools(run_dir: Path, slots: int = 6) -> Callable[[Size], FrameWriter]:
    return partial(FrameWriter, run_dir, "camera-front", slots=slots)


def at_once() -> int:
    """A clock that stands still while a picture is drawn."""
    return 0


def nothing() -> None:
    pass


def sent(bus: Script, kind: type[Message]) -> list[Message]:
    return [message for _, message in bus.sent if isinstance(message, kind)]


def test_the_scene_is_published_with_its_truth(run_dir: Path) -> None:
    with FrameReader(run_dir) as frames:
        seen: list[int | None] = []

        def look() -> None:
            newest = sent(bus, Frame)[-1]
            assert isinstance(newest, Frame)
            with frames.read(newest.ref) as picture:
                seen.append(read_counter(picture.y))

        bus = Script(tick(0), look, tick(1), look, tick(5), look)
        publisher = Publisher(bus, "front", pools(run_dir))
        run(bus, SceneSource(SCENE, at_once), publisher, Window(), nothing)
        publisher.close()
    assert seen == [1000, 1001, 1005]
    assert [topic for topic, _ in bus.sent] == ["frames/front/", "truth/front/"] * 3
    for at, (frame, truth) in enumerate(zip(sent(bus, Frame), sent(bus, Truth), strict=True)):
        assert isinstance(frame, Frame)
        assert isinstance(truth, Truth)
        assert frame.seq == frame.frame_seq == truth.frame_seq == at
        assert truth.scene_index == seen[at]
        assert frame.captured_ns == truth.captured_ns == START_NS + (seen[at] - 1000) * PERIOD_NS  # type: ignore[operator]
        assert frame.captured_utc_ns == frame.captured_ns + 5
        assert (frame.width, frame.height, frame.format) == (320, 240, "I420")
        assert truth.boxes
    assert bus.reports[-1][:2] == ("running", "scene:?seed=7: 320x240 at 30")


@pytest.mark.parametrize("utc_ns", [0, -1, -(1 << 60), (1 << 63) - 1])
def test_a_clock_that_is_set_moves_no_frame(run_dir: Path, utc_ns: int) -> None:
    first, second, third = (tick(at) for at in range(3))
    jumped = msgspec.structs.replace(second, now_utc_ns=utc_ns)
    bus = Script(first, jumped, third)
    publisher = Publisher(bus, "front", pools(run_dir))
    run(bus, SceneSource(SCENE, at_once), publisher, Window(), nothing)
    publisher.close()
    frames = [frame for frame in sent(bus, Frame) if isinstance(frame, Frame)]
    times_ns = [message.now_ns for message in (first, second, third)]
    assert [frame.captured_ns for frame in frames] == times_ns
    assert [frame.frame_seq for frame in frames] == [0, 1, 2]
    assert frames[1].captured_utc_ns == utc_ns


def test_the_scene_at_full_pace_misses_no_number_and_asks_for_more(run_dir: Path) -> None:
    asked: list[bool] = []
    bus = Script(*[woken()] * 5)
    source = SceneSource(Camera("front", "scene:", 320, 240, pace="max"))
    publisher = Publisher(bus, "front", pools(run_dir))
    run(bus, source, publisher, Window(), lambda: asked.append(True))
    publisher.close()
    indices = [truth.scene_index for truth in sent(bus, Truth) if isinstance(truth, Truth)]
    assert indices == [1000, 1001, 1002, 1003, 1004]
    assert len(asked) == 5
    assert "at full pace" in bus.reports[-1].detail


def test_a_new_size_is_a_new_pool(run_dir: Path) -> None:
    bus = Script(woken(), woken(), woken())
    source = Shots(shot(0), shot(1, (33, 21)), shot(2, (33, 21)))
    publisher = Publisher(bus, "front", pools(run_dir))
    run(bus, source, publisher, Window(), nothing)
    first, second, third = (f for f in sent(bus, Frame) if isinstance(f, Frame))
    assert first.ref.epoch != second.ref.epoch == third.ref.epoch
    assert [frame.seq for frame in (first, second, third)] == [0, 1, 2]
    with FrameReader(run_dir) as frames, frames.read(third.ref) as picture:
        assert picture.y.shape == (21, 33)
        assert (picture.y == 2).all()
    publisher.close()


def test_a_full_pool_drops_the_frame_and_leaves_its_number_out(run_dir: Path) -> None:
    with FrameReader(run_dir) as one, FrameReader(run_dir) as other:
        held: list[Held] = []

        def hold(reader: FrameReader, number: int) -> None:
            frame = sent(bus, Frame)[number]
            assert isinstance(frame, Frame)
            held.append(reader.hold(frame.ref))
            deadline = time.monotonic() + 10
            while publisher._pool and frame.ref.slot not in publisher._pool.leased:
                assert time.monotonic() < deadline

        def let_go() -> None:
            held[0].release()

        bus = Script(
            *[woken()] * 4,
            lambda: hold(one, 0),
            lambda: hold(one, 1),
            lambda: hold(other, 2),
            lambda: hold(other, 3),
            woken(),
            let_go,
            woken(),
        )
        publisher = Publisher(bus, "front", pools(run_dir, slots=4))
        run(bus, Shots(*map(shot, range(6))), publisher, Window(), nothing)
        assert [frame.seq for frame in sent(bus, Frame)] == [0, 1, 2, 3, 5]
        assert bus.dropped == 1 + 6 * 2  # and what the source lost
        for each in held:
            each.release()
        publisher.close()


def test_too_little_memory_is_told_with_numbers_and_asked_for_again(run_dir: Path) -> None:
    huge = 16384, 16384
    bus = Script(woken(), woken(), woken())
    publisher = Publisher(bus, "front", pools(run_dir, slots=256))
    run(bus, Shots(shot(0, huge), shot(1, huge), shot(2)), publisher, Window(), nothing)
    assert bus.reports[0].state == "degraded"
    assert "bytes wanted for 256 frames of 16384x16384" in bus.reports[0].detail
    assert not sent(bus, Frame)  # the third came before it was time to ask again
    again = Script(woken())
    publisher._bus = again
    run(again, Shots(shot(100)), publisher, Window(), nothing)
    assert [frame.seq for frame in sent(again, Frame)] == [0]
    assert again.reports == [("running", "shots", "", "")]
    publisher.close()


def result(frame_seq: int) -> Result:
    ref = FrameRef("camera-front", 1, 0, 1)
    return Result(
        camera="front",
        frame_seq=frame_seq,
        captured_ns=0,
        captured_utc_ns=0,
        ref=ref,
        inference="one",
        model="",
        version="",
        family="",
        device="",
        published_ns=START_NS,
    )


def drawn(frame_seq: int) -> Frame:
    ref = FrameRef("overlay-front", 1, 0, 1)
    return Frame(
        camera="front",
        frame_seq=frame_seq,
        captured_ns=0,
        captured_utc_ns=0,
        width=64,
        height=48,
        ref=ref,
        published_ns=START_NS,
    )


def encoded(frame_seq: int) -> Done:
    return Done(camera="front", stream="result", frame_seq=frame_seq, published_ns=START_NS)


def test_at_full_pace_no_consumer_is_left_behind(run_dir: Path) -> None:
    counts: list[int] = []
    turns: list[bool] = []
    bus = Script(
        *[woken()] * 5,
        lambda: counts.append(len(sent(bus, Frame))),
        result(2),
        woken(),
        lambda: counts.append(len(sent(bus, Frame))),
        drawn(0),
        *[woken()] * 3,
        lambda: counts.append(len(sent(bus, Frame))),
        woken(100),  # seconds later: nobody spoke
        lambda: counts.append(len(sent(bus, Frame))),
    )
    publisher = Publisher(bus, "front", pools(run_dir))
    window = Window(["inference-one", "overlay"], most=3)
    for consumer in ("inference-one", "overlay"):
        window.present(consumer)
    source = Shots(*map(shot, range(20)))
    run(bus, source, publisher, window, lambda: turns.append(True))
    publisher.close()
    assert counts == [3, 3, 4, 5]
    assert source.asked == 5
    assert len(turns) == 5 + 2


def test_at_full_pace_a_watched_stream_counts_until_it_falls_silent(run_dir: Path) -> None:
    counts: list[int] = []

    def count() -> None:
        counts.append(len(sent(bus, Frame)))

    bus = Script(
        *[woken()] * 4,
        count,  # nobody watches
        encoded(2),
        *[woken()] * 5,
        count,
        encoded(3),
        *[woken()] * 5,
        count,
        *[woken(100)] * 2,
        count,
    )
    publisher = Publisher(bus, "front", pools(run_dir))
    run(bus, Shots(*map(shot, range(20))), publisher, Window(most=3), nothing)
    publisher.close()
    assert counts == [4, 6, 7, 9]


def test_a_clip_comes_through_whole_at_full_pace(run_dir: Path, make_clip: MakeClip) -> None:
    ready = threading.Event()
    feed = Feed(clip_camera(make_clip("a.mp4", count=30)), ready.set)

    def turn() -> Woken:
        while not feed.more:
            assert ready.wait(20)
            ready.clear()
        return woken()

    bus = Script(*[turn] * 30)
    publisher = Publisher(bus, "front", pools(run_dir, slots=40))
    run(bus, feed, publisher, Window(), nothing)
    with FrameReader(run_dir) as frames:
        for frame in sent(bus, Frame):
            assert isinstance(frame, Frame)
            with frames.read(frame.ref) as picture:
                assert 100 < np.median(picture.y) < 160
    assert [frame.seq for frame in sent(bus, Frame)] == list(range(30))
    assert any(report.detail.endswith("a.mp4: 320x240 at full pace") for report in bus.reports)
    publisher.close()
    feed.close()
