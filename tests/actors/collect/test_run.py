"""The actor on a real pool and a real disk, with a scripted bus."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from actors.collect.__main__ import run
from actors.collect.collecting import Collecting
from actors.collect.glance import Glimpse
from actors.collect.requests import Requests
from actors.collect.shelf import LEAST_FREE_BYTES, Picture, Shelf
from actors.collect.sidecar import Sidecar
from actors.collect.stock import Stock
from actors.config import Camera, Collect, Config, Inference
from actors.settings import SettingsFile
from bus.frame_reader import FrameReader
from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.messages import Box, Frame, FrameRef, Message, Result, Tick, Woken
from bus.pixels import Plane
from bus.testing import Script

MS, SECOND = 1_000_000, 1_000_000_000
NOON = 1_777_896_000 * SECOND
SIZE = (640, 360)
CAR = Box("car", 0.8, 0.25, 0.25, 0.5, 0.5)
BUS = Box("bus", 0.4, 0.5, 0.25, 0.75, 0.5)
Step = Message | Callable[[], Message | None]


@pytest.fixture
def pool(run_dir: Path) -> Iterator[FrameWriter]:
    with FrameWriter(run_dir, "camera-front", SIZE, slots=8) as pool:
        yield pool


class Rig:
    """One device's collecting, run as often as the test wants."""

    def __init__(self, run_dir: Path, tmp_path: Path, pool: FrameWriter, wanted: Collect) -> None:
        self.run_dir, self.state, self.pool = run_dir, tmp_path, pool
        self.config = Config(
            camera=(Camera("front"), Camera("back")),
            inference=(Inference("eye", cameras=("front",)),),
            collect=wanted,
        )
        self.free = 1 << 40
        self.shelf = Shelf(tmp_path / "images", lambda _: self.free)
        self.settings = SettingsFile(tmp_path)
        self.wake = Event()
        self.begun = 0
        self.looked_for: list[str] = []
        self.glimpses: list[Glimpse] = []
        self.bgr: dict[int, Plane] = {}
        self.grain = np.zeros((360, 640, 3), np.uint8)

    def looked_at_by(self, *entries: str) -> None:
        eyes = tuple(Inference(name, cameras=("front",)) for name in entries)
        self.config = Config(camera=self.config.camera, inference=eyes, collect=self.config.collect)

    def run(self, *steps: Step) -> Script:
        bus = Script(tick(0), *steps)
        stock = Stock(self.shelf, self.config.collect, self.wake)

        def begin() -> Collecting:
            self.begun += 1
            return Collecting(bus, FrameReader(self.run_dir), stock, self.config, self)

        requests = Requests(self.state / "images" / ".requests")
        run(bus, stock, self.config.collect, self.settings, requests, begin)
        return bus

    def shoot(self, number: int, camera: str = "front", *, like: int | None = None) -> Frame:
        """A picture that is like no other, or `like` one; `number` is also its second."""
        noise = np.random.default_rng(number if like is None else like).integers(
            0, 256, (9, 16, 3), np.uint8
        )
        large = np.kron(noise, np.ones((40, 40, 1), np.uint8)) ^ self.grain
        i420 = np.asarray(cv2.cvtColor(large, cv2.COLOR_BGR2YUV_I420)).reshape(-1)
        at = Stamp(number, number * SECOND, NOON + number * SECOND)
        with self.pool.loan(at) as (ref, picture):
            width, height = SIZE
            luma, chroma = width * height, width * height // 4
            picture.y[:] = i420[:luma].reshape(height, width)
            picture.u[:] = i420[luma : luma + chroma].reshape(height // 2, -1)
            picture.v[:] = i420[luma + chroma :].reshape(height // 2, -1)
            self.bgr[number] = picture.bgr()
        return Frame(
            camera=camera,
            frame_seq=at.frame_seq,
            captured_ns=at.captured_ns,
            captured_utc_ns=at.captured_utc_ns,
            width=width,
            height=height,
            ref=ref,
        )

    def see(self, number: int, *boxes: Box, by: str = "eye") -> Callable[[], Result]:
        """A step: shoot and look at once."""
        return lambda: saw(self.shoot(number), *boxes, by=by)

    def expect_none(self) -> None:
        """A step: it is too early for any."""
        assert self.numbers == []

    def begin(self, camera: str) -> None:
        """Nobody looks but the test, by a step; see `actors.collect.glance.Glances`."""
        self.looked_for.append(camera)

    def take(self) -> list[Glimpse]:
        taken, self.glimpses = self.glimpses, []
        return taken

    def glimpse(self, camera: str, number: int | None) -> Callable[[], Woken]:
        """A step: what was looked for has come, or not."""

        def came() -> Woken:
            frame = self.shoot(number, camera) if number is not None else None
            self.glimpses.append(Glimpse(camera, frame))
            return Woken(now_ns=0)

        return came

    @property
    def kept(self) -> list[tuple[Picture, Sidecar]]:
        return [(each, self.shelf.sidecar(each)) for each in self.shelf.pictures()]

    @property
    def numbers(self) -> list[int]:
        return [about.frame_seq for _, about in self.kept]


Make = Callable[..., Rig]


@pytest.fixture
def make(run_dir: Path, tmp_path: Path, pool: FrameWriter) -> Make:
    def made(**wanted: object) -> Rig:
        keys = {"enabled": True, "interval_s": 0.0, "pace_s": 0.0} | wanted
        return Rig(run_dir, tmp_path, pool, Collect(**keys))  # type: ignore[arg-type]

    return made


def tick(at_s: float) -> Tick:
    return Tick(now_ns=int(at_s * SECOND), now_utc_ns=NOON + int(at_s * SECOND))


def saw(frame: Frame, *boxes: Box, by: str = "eye", late_ms: int = 20) -> Result:
    return Result(
        camera=frame.camera,
        frame_seq=frame.frame_seq,
        captured_ns=frame.captured_ns,
        captured_utc_ns=frame.captured_utc_ns,
        ref=frame.ref,
        inference=by,
        model=f"model-of-{by}",
        version="3",
        family="ssd",
        device="CPU",
        boxes=list(boxes),
        published_ns=frame.captured_ns + late_ms * MS,
    )


def test_a_picture_is_kept_as_it_was_with_all_that_was_seen(make: Make) -> None:
    rig = make(interval_s=10.0)
    rig.run(rig.see(1, CAR, BUS))
    ((picture, about),) = rig.kept
    assert (picture.camera, picture.score_percent) == ("front", 60)
    assert (about.frame_seq, about.captured_ns, about.captured_utc_ns) == (1, SECOND, NOON + SECOND)
    assert (about.width, about.height, about.reasons) == (*SIZE, ("interval",))
    (look,) = about.seen
    assert (look.inference, look.model, look.version) == ("eye", "model-of-eye", "3")
    assert look.boxes == (CAR, BUS)
    shown = np.asarray(cv2.imread(str(picture.path)), int)
    assert shown.shape == (360, 640, 3)
    assert np.abs(shown - rig.bgr[1].astype(int)).mean() < 3
    assert rig.wake.is_set()


def test_pictures_come_by_time_with_and_without_boxes(make: Make) -> None:
    rig = make(interval_s=3.0)
    rig.run(*(rig.see(at, *([CAR] if at % 2 else [])) for at in range(1, 9)))
    assert rig.numbers == [1, 4, 7]
    assert [picture.score_percent for picture, _ in rig.kept] == [80, 0, 80]


def test_each_reason_is_said(make: Make) -> None:
    rig = make(borderline=(0.3, 0.5), labels=("bus",))
    rig.run(rig.see(1, CAR), rig.see(2, BUS), rig.see(3, Box("bus", 0.9, 0, 0, 1, 1)), tick(4))
    assert {a.frame_seq: a.reasons for _, a in rig.kept} == {
        2: ("borderline", "label"),
        3: ("label",),
    }


def test_the_frame_waits_for_the_other_model(make: Make) -> None:
    rig = make(labels=("car",), borderline=(0.3, 0.5))
    rig.looked_at_by("eye", "other")
    frame = rig.shoot(1)
    rig.run(saw(frame, CAR), rig.expect_none, saw(frame, BUS, by="other"))
    ((_, about),) = rig.kept
    looks = [(look.inference, look.boxes) for look in about.seen]
    assert looks == [("eye", (CAR,)), ("other", (BUS,))]
    assert about.reasons == ("label", "borderline")


def test_what_was_seen_is_not_forgotten_while_it_waits(make: Make) -> None:
    """At 240 frames a second, a model is half a second behind the other."""
    rig = make(labels=("car",))
    rig.looked_at_by("eye", "other")
    frame = rig.shoot(1)
    rest = [
        replace(saw(frame), frame_seq=at, captured_ns=frame.captured_ns + at * 4 * MS)
        for at in range(2, 100)
    ]
    rig.run(saw(frame, CAR), *rest, saw(frame, BUS, by="other"))
    ((_, about),) = rig.kept
    assert [look.boxes for look in about.seen] == [(CAR,), (BUS,)]


def test_a_model_that_says_nothing_is_not_waited_for(make: Make) -> None:
    rig = make(labels=("car",))
    rig.looked_at_by("eye", "other")
    rig.run(rig.see(1, CAR), tick(1.4), rig.expect_none, tick(1.5))
    assert rig.numbers == [1]
    rig.run(rig.see(3, CAR), rig.see(4, CAR), tick(5))
    assert rig.numbers == [1, 3, 4]


def test_a_picture_on_which_two_models_differ(make: Make) -> None:
    rig = make(disagreement=0.5)
    rig.looked_at_by("eye", "other")
    one, two = rig.shoot(1), rig.shoot(2)
    rig.run(saw(one, CAR), saw(one, CAR, by="other"), saw(two, CAR), saw(two, by="other"))
    ((_, about),) = rig.kept
    assert (about.frame_seq, about.reasons, len(about.seen)) == (2, ("disagreement",), 2)


def test_what_is_nearly_the_same_is_left_out_also_after_a_restart(make: Make) -> None:
    rig = make(interval_s=1.0)
    bus = rig.run(rig.see(1), rig.see(2), lambda: saw(rig.shoot(3, like=1)), tick(700))
    assert rig.numbers == [1, 2]
    assert bus.reports[-1].detail == "2 kept, 1 left out as alike"
    bus = rig.run(lambda: saw(rig.shoot(9, like=2)), tick(700))
    assert rig.numbers == [1, 2]
    assert bus.reports[-1].detail == "0 kept, 1 left out as alike"


def test_a_restart_keeps_the_interval(make: Make) -> None:
    rig = make(interval_s=100.0)
    rig.run(rig.see(1))
    rig.run(tick(50), rig.see(51), rig.see(102))
    assert rig.numbers == [1, 102]


def test_nothing_is_begun_before_it_is_wanted_and_then_at_once(make: Make) -> None:
    rig = make(enabled=False)
    bus = rig.run(rig.see(1, CAR), tick(1))
    assert (rig.begun, rig.numbers) == (0, [])
    assert bus.reports[-1].detail == "collecting is off"

    def enable() -> None:
        rig.settings.change({"collect": True, "collect_interval_s": 2})

    def disable() -> None:
        rig.settings.change({"collect": False})

    rig.run(enable, tick(1), rig.see(2), rig.see(3), rig.see(4), disable, tick(5), rig.see(7))
    assert (rig.begun, rig.numbers) == (1, [2, 4])


def test_a_picture_on_request_is_of_the_next_result(make: Make) -> None:
    rig = make(cameras=("front",))
    rig.settings.step("picture_step")
    rig.run(rig.see(1, CAR), rig.see(2, CAR), tick(3), rig.see(4, CAR))
    ((_, about),) = rig.kept
    assert (about.frame_seq, about.reasons, len(about.seen)) == (1, ("request",), 1)
    rig.run(rig.see(5, CAR))
    assert rig.numbers == [1]


def test_a_request_is_answered_though_the_picture_is_no_news(make: Make) -> None:
    rig = make(interval_s=4.0, cameras=("front",))

    def ask() -> None:
        rig.settings.step("picture_step")

    second = rig.shoot(2, like=1)
    rig.run(rig.see(1), ask, tick(1), saw(second), ask, tick(3), rig.see(5))
    reasons = [about.reasons for _, about in rig.kept]
    assert reasons == [("interval",), ("request",), ("interval", "request")]


def test_a_camera_that_no_model_looks_at_gives_a_frame_on_request(make: Make) -> None:
    rig = make(cameras=("back",))
    rig.settings.step("picture_step")
    rig.run(tick(1), rig.glimpse("back", 5), tick(6))
    ((picture, about),) = rig.kept
    assert (picture.camera, picture.score_percent) == ("back", 0)
    assert (about.frame_seq, about.seen) == (5, ())
    assert rig.looked_for == ["back"]


def test_a_request_does_not_wait_for_a_model_that_is_away(make: Make) -> None:
    rig = make(cameras=("front",))
    rig.settings.step("picture_step")

    def expect_patience() -> None:
        assert rig.looked_for == []

    rig.run(tick(1.9), expect_patience, tick(2), tick(2.5), rig.glimpse("front", 2), rig.see(3))
    assert (rig.looked_for, rig.numbers) == (["front"], [2])


def test_nobody_is_pictured_while_collecting_is_off_whoever_asks(make: Make) -> None:
    rig = make(enabled=False)
    rig.settings.step("picture_step")

    def enable() -> None:
        rig.settings.change({"collect": True, "collect_interval_s": 0})

    rig.run(rig.see(1, CAR), tick(2), enable, tick(3), rig.see(4, CAR))
    assert (rig.begun, rig.numbers) == (1, [])


def test_what_was_chosen_when_collecting_ends_is_let_go(make: Make) -> None:
    """And so is its slot: the camera has all of them again."""
    rig = make(labels=("car",))
    rig.looked_at_by("eye", "other")

    def disable() -> None:
        rig.settings.change({"collect": False})

    slots: list[int] = []

    def shoot_all() -> None:
        slots.extend(rig.shoot(number).ref.slot for number in range(20, 28))

    rig.run(rig.see(1, CAR), disable, tick(1.1), shoot_all, tick(3))
    assert rig.numbers == []
    assert len(set(slots)) == 8


def test_a_request_to_a_camera_that_is_away_ends(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    rig = make(cameras=("back",))
    rig.settings.step("picture_step")
    rig.run(tick(1), rig.glimpse("back", None), tick(2))
    assert (rig.looked_for, rig.numbers) == (["back"], [])
    assert "back: a picture was asked for, and no frame comes" in caplog.text


def test_a_glimpse_that_comes_when_collecting_is_off_is_not_kept(make: Make) -> None:
    rig = make(cameras=("back",))
    rig.settings.step("picture_step")

    def disable() -> None:
        rig.settings.change({"collect": False})

    rig.run(tick(1), disable, tick(2), rig.glimpse("back", 3), tick(4))
    assert (rig.looked_for, rig.numbers) == (["back"], [])


def test_a_frame_that_is_gone_is_counted_and_the_next_is_kept(make: Make) -> None:
    rig = make(interval_s=100.0)
    gone = saw(rig.shoot(1), CAR)
    for number in range(2, 12):
        rig.shoot(number)
    bus = rig.run(gone, rig.see(12))
    assert (bus.dropped, rig.numbers) == (1, [12])


def test_a_full_disk_is_said_and_over_when_there_is_room(make: Make) -> None:
    rig = make(interval_s=1.0)
    states: list[tuple[str, str]] = []

    def fill() -> None:
        rig.free = LEAST_FREE_BYTES

    def empty() -> None:
        rig.free = 1 << 40

    bus = rig.run(fill, rig.see(1), tick(1), empty, rig.see(3), tick(4))
    states = [(report.state, report.detail) for report in bus.reports]
    assert [state for state, _ in states] == ["running", "degraded", "running"]
    assert "64 MB are free on its disk and 64 MB are left to others" in states[1][1]
    assert states[2][1] == "1 kept"
    assert rig.numbers == [3]


def test_what_cannot_be_written_is_said(make: Make) -> None:
    rig = make(interval_s=1.0)
    rig.shelf.root.mkdir()
    (rig.shelf.root / "front").write_text("a file in the folder's place")
    bus = rig.run(rig.see(1), tick(2))
    assert bus.reports[-1].state == "degraded"
    assert "images/front: File exists; no picture is kept" in bus.reports[-1].detail


def test_the_oldest_give_way_to_the_quota(make: Make) -> None:
    rig = make(interval_s=1.0, quota_mb=1, quality=100)
    rig.grain = np.random.default_rng(1).integers(0, 64, (360, 640, 3), np.uint8)

    def expect_room() -> None:
        assert sum(picture.size_bytes for picture, _ in rig.kept) <= 1 << 20

    bus = rig.run(*(rig.see(at) for at in range(1, 31)), expect_room, tick(700))
    sizes = [picture.size_bytes for picture, _ in rig.kept]
    assert 0.8 * (1 << 20) < sum(sizes) <= 1 << 20
    assert rig.numbers == list(range(31 - len(sizes), 31))
    assert f"30 kept, {30 - len(sizes)} removed for room or age" in bus.reports[-1].detail


def test_what_is_too_old_goes_though_nothing_is_collected(make: Make) -> None:
    rig = make(interval_s=1.0, most_age_h=1.0)
    rig.run(rig.see(1), rig.see(3000))
    idle = make(enabled=False, most_age_h=1.0)
    idle.run(tick(3601.5))
    assert idle.numbers == [3000]


def test_what_a_crash_left_is_gone_at_the_start(make: Make) -> None:
    rig = make(interval_s=1.0)
    rig.run(rig.see(1))
    half = rig.shelf.pictures()[0].path.with_name("50-2026-05-04-12-00-00.jpg")
    half.write_bytes(b"half")
    rig.run()
    assert not half.exists()
    assert rig.numbers == [1]


def test_results_of_strangers_are_nothing(make: Make) -> None:
    rig = make(interval_s=1.0, cameras=("back",))
    stray = Result(
        camera="side", frame_seq=1, captured_ns=0, captured_utc_ns=0, ref=FrameRef("x", 1, 0, 1),
        inference="eye", model="", version="", family="", device="",
    )  # fmt: skip
    bus = rig.run(stray, rig.see(1, CAR))
    assert (bus.dropped, rig.numbers) == (0, [])
