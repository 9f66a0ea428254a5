"""The overlay on real pools, with a scripted bus."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from actors.config import Camera, Config, Inference, Overlay
from actors.overlay.__main__ import inlets, run
from actors.overlay.draw import colour_of
from actors.settings import Settings
from bus.frame_reader import FrameReader
from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.memory import NoMemory
from bus.messages import Box, Frame, Health, Message, Result, Tick
from bus.testing import Script

MS = 1_000_000
SIZE = (320, 240)
BOX = Box("cat", 0.9, 0.25, 0.25, 0.75, 0.75)


@pytest.fixture
def pool(run_dir: Path) -> Iterator[FrameWriter]:
    with FrameWriter(run_dir, "camera-front", SIZE, slots=8) as pool:
        yield pool


@pytest.fixture
def frames(run_dir: Path) -> Iterator[FrameReader]:
    with FrameReader(run_dir) as frames:
        yield frames


class Eye:
    """Looks at what the overlay published, while its pool is there."""

    def __init__(self, run_dir: Path, config: Config, frames: FrameReader) -> None:
        self._run_dir, self._config, self._frames = run_dir, config, frames
        self.bus = Script()
        self.pictures: list[np.ndarray[tuple[int, int], np.dtype[np.uint8]]] = []

    def look(self) -> None:
        """A step of the script: keep the newest overlaid picture's luma."""
        published = shown(self.bus)
        if published:
            with FrameReader(self._run_dir) as reader, reader.read(published[-1].ref) as picture:
                self.pictures.append(picture.y.copy())

    def run(self, bus: Script, desired: Callable[[], Settings] = Settings) -> None:
        self.bus = bus
        run(bus, self._frames, self._make_pool, self._config, desired)

    def _make_pool(self, name: str, size: tuple[int, int]) -> FrameWriter:
        return FrameWriter(self._run_dir, name, size, slots=4)


def shoot(pool: FrameWriter, number: int, at_ms: int) -> Frame:
    with pool.loan(Stamp(number, at_ms * MS, number)) as (ref, picture):
        picture.y[:], picture.u[:], picture.v[:] = 60, 128, 128
    return Frame(
        camera="front",
        frame_seq=number,
        captured_ns=at_ms * MS,
        captured_utc_ns=number,
        width=picture.width,
        height=picture.height,
        ref=ref,
        published_ns=at_ms * MS,
    )


def saw(frame: Frame, at_ms: int, *boxes: Box) -> Result:
    return Result(
        camera="front",
        frame_seq=frame.frame_seq,
        captured_ns=frame.captured_ns,
        captured_utc_ns=0,
        ref=frame.ref,
        inference="eye",
        model="m",
        version="1",
        family="ssd",
        device="CPU",
        boxes=list(boxes),
        published_ns=at_ms * MS,
    )


def config(*, align: bool = True) -> Config:
    return Config(
        camera=(Camera("front"),), inference=(Inference("eye"),), overlay=Overlay(align=align)
    )


def shown(bus: Script) -> list[Frame]:
    return [m for topic, m in bus.sent if topic == "overlay/front/" and isinstance(m, Frame)]


def has_box(luma: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> bool:
    return bool(luma[120, 80] == colour_of("cat").y)


def has_words(luma: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> bool:
    return bool(np.count_nonzero(luma > 200) > 30)


def test_a_box_is_drawn_on_its_own_frame_only(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(), frames)
    one, two = shoot(pool, 1, 0), shoot(pool, 2, 40)
    script: list[Message] = [saw(one, 10, BOX), one, two, saw(two, 60)]
    bus = Script(*(step for message in script for step in (message, eye.look)))
    eye.run(bus)
    assert [(frame.frame_seq, frame.captured_ns) for frame in shown(bus)] == [(1, 0), (2, 40 * MS)]
    assert [frame.seq for frame in shown(bus)] == [0, 1]
    assert has_box(eye.pictures[1])
    assert not has_box(eye.pictures[-1])
    assert not has_words(eye.pictures[-1])


def test_without_inference_frames_pass_at_once_and_say_why(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(), frames)
    said = Health(
        actor="inference-eye-b", stage="inference", pid=1, state="degraded", detail="no model"
    )
    bus = Script(
        said,
        partial(shoot, pool, 1, 0),
        partial(shoot, pool, 2, 40),
        eye.look,
    )
    eye.run(bus)
    assert [frame.frame_seq for frame in shown(bus)] == [1, 2]
    assert has_words(eye.pictures[-1])


def test_a_camera_that_no_model_watches_says_so(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, Config(camera=(Camera("front"),)), frames)
    eye.run(Script(partial(shoot, pool, 1, 0), eye.look))
    assert has_words(eye.pictures[-1])


def test_frames_held_for_a_dead_inference_go_on_after_the_hold(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(), frames)
    one, two = shoot(pool, 1, 0), shoot(pool, 2, 40)
    bus = Script(one, saw(one, 10), two, Tick(now_ns=200 * MS), Tick(now_ns=240 * MS))
    eye.run(bus)
    assert [frame.frame_seq for frame in shown(bus)] == [1, 2]
    assert pool.leased == set()


def test_live_frames_take_the_newest_result(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(align=False), frames)
    one, two = shoot(pool, 1, 0), shoot(pool, 2, 40)
    bus = Script(saw(one, 10, BOX), two, eye.look)
    eye.run(bus)
    assert has_box(eye.pictures[-1])


def test_frames_that_wait_go_on_in_order_when_aligning_ends(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(), frames)
    one, two, three = (shoot(pool, number, number * 10) for number in (1, 2, 3))
    counts: list[int] = []

    def count() -> None:
        counts.append(len(shown(eye.bus)))

    wanted = iter([Settings(), Settings(align=False), Settings(align=False), Settings()])
    bus = Script(
        *(saw(one, 11), one, two, three, Tick(now_ns=40 * MS), count),
        *(Tick(now_ns=41 * MS), count, partial(shoot, pool, 4, 45), count),
        *(Tick(now_ns=46 * MS), count, Tick(now_ns=47 * MS), partial(shoot, pool, 5, 50), count),
        *(saw(shoot(pool, 5, 50), 60), count),
    )
    eye.run(bus, lambda: next(wanted))
    assert counts == [1, 3, 4, 4, 4, 5]
    assert [(frame.seq, frame.frame_seq) for frame in shown(bus)] == [
        (number, number + 1) for number in range(5)
    ]
    assert bus.dropped == 0


def test_aligning_may_begin_while_it_runs(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(align=False), frames)
    one, two = shoot(pool, 1, 10), shoot(pool, 2, 20)
    bus = Script(saw(one, 11), one, Tick(now_ns=12 * MS), two, saw(two, 30, BOX), eye.look)
    eye.run(bus, lambda: Settings(align=True))
    assert [frame.frame_seq for frame in shown(bus)] == [1, 2]
    assert has_box(eye.pictures[-1])


def test_without_a_camera_the_last_picture_is_shown_again_with_the_reason(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(), frames)
    one = shoot(pool, 1, 0)
    bus = Script(
        one,
        Tick(now_ns=900 * MS),
        Tick(now_ns=1100 * MS),
        Tick(now_ns=1150 * MS),
        Tick(now_ns=1300 * MS),
        eye.look,
    )
    eye.run(bus)
    stale = [frame for frame in shown(bus) if frame.status == "stale"]
    assert [(f.frame_seq, f.captured_ns // MS) for f in stale] == [(1, 1100), (1, 1300)]
    assert has_words(eye.pictures[-1])
    assert eye.pictures[-1][200, 160] == 60


def test_before_the_first_picture_there_is_a_dark_one_that_says_so(
    run_dir: Path, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(), frames)
    bus = Script(Tick(now_ns=1 * MS), Tick(now_ns=1200 * MS), eye.look)
    eye.run(bus)
    assert [(f.width, f.height, f.status) for f in shown(bus)] == [(1280, 720, "stale")]
    assert has_words(eye.pictures[-1])


def test_a_change_of_size_is_followed(run_dir: Path, frames: FrameReader) -> None:
    eye = Eye(run_dir, config(), frames)
    with FrameWriter(run_dir, "camera-front", SIZE, slots=8) as small:
        first = shoot(small, 1, 0)
        bus = Script(first)
        eye.run(bus)
    with FrameWriter(run_dir, "camera-front", (641, 361), slots=8) as odd:
        second = Script(partial(shoot, odd, 2, 40))
        eye.run(second)
    assert [(f.width, f.height) for f in (*shown(bus), *shown(second))] == [SIZE, (641, 361)]


def test_a_lost_frame_is_a_gap_and_the_next_goes_on(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    eye = Eye(run_dir, config(), frames)
    lost = shoot(pool, 1, 0)
    for number in range(2, 11):
        shoot(pool, number, 0)
    bus = Script(lost, partial(shoot, pool, 11, 40))
    eye.run(bus)
    assert [(f.seq, f.frame_seq) for f in shown(bus)] == [(1, 11)]
    assert bus.dropped == 1


def test_too_many_held_frames_go_on_in_order(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    """One reader may lease half of the pool's 8 slots."""
    eye = Eye(run_dir, config(), frames)
    one = shoot(pool, 1, 0)
    later = [partial(shoot, pool, number, number) for number in range(2, 12)]
    bus = Script(one, saw(one, 1), *later)
    eye.run(bus)
    numbers = [frame.frame_seq for frame in shown(bus)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 8
    assert bus.dropped == 0


def test_no_memory_is_said_and_survived(
    run_dir: Path, pool: FrameWriter, frames: FrameReader
) -> None:
    def refuse(name: str, size: tuple[int, int]) -> FrameWriter:
        raise NoMemory(f"pool {name}: too large: {size}")

    bus = Script(partial(shoot, pool, 1, 0), partial(shoot, pool, 2, 40))
    run(bus, frames, refuse, config(), Settings)
    assert shown(bus) == []
    assert bus.dropped == 2
    assert bus.reports[-1].detail == "pool overlay-front: too large: (320, 240)"
    assert run_dir.is_dir()


def test_it_hears_all_it_needs() -> None:
    names = [topic.name for topic in inlets(config())]
    assert names == [
        "health/camera-front/", "health/inference-eye-a/", "health/inference-eye-b/",
        "results/front/eye/", "results/front/eye/", "frames/front/",
    ]  # fmt: skip
