"""The inference actor on real frames and real networks made on the spot, with a scripted bus."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from actors.inference.engine import Engine, EngineLost
from actors.inference.inbox import Inbox
from actors.inference.model import Model
from actors.inference.pipeline import InferenceHung
from actors.inference.slot import Wanted
from actors.package.reading import Package, PackageError, read_package
from bus.frame_reader import FrameReader
from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.health import SECOND_NS
from bus.messages import Frame, Message, Tick, Woken
from bus.testing import Script
from tests.actors.inference.rig import Rig, model_of, posts, results
from tests.network import save_network

SIZE = (64, 48)


@pytest.fixture
def done() -> threading.Semaphore:
    return threading.Semaphore(0)


@pytest.fixture
def engine(tmp_path: Path, done: threading.Semaphore) -> Engine:
    package = read_package(save_network(tmp_path / "bright.xml"))
    return Engine(package, ["NPU", "CPU"], tmp_path / "cache", done.release, threads=1)


@pytest.fixture
def pool(run_dir: Path) -> Iterator[FrameWriter]:
    with FrameWriter(run_dir, "camera-front", SIZE, slots=4) as pool:
        yield pool


@pytest.fixture
def frames(run_dir: Path) -> Iterator[FrameReader]:
    with FrameReader(run_dir) as frames:
        yield frames


@pytest.fixture
def rig(run_dir: Path, frames: FrameReader) -> Callable[..., Rig]:
    return lambda bus, *cameras: Rig(run_dir, frames, bus, cameras or ["front"])


MakeRig = Callable[..., Rig]


def shoot(pool: FrameWriter, number: int, luma: int = 235, camera: str = "front") -> Frame:
    with pool.loan(Stamp(number, number, number)) as (ref, picture):
        picture.y[:], picture.u[:], picture.v[:] = luma, 128, 128
    return Frame(
        camera=camera,
        frame_seq=number,
        captured_ns=number,
        captured_utc_ns=number,
        width=SIZE[0],
        height=SIZE[1],
        ref=ref,
    )


def ended(done: threading.Semaphore) -> Callable[[], Message]:
    """A turn of the loop that comes when the running inference has ended."""

    def wait() -> Message:
        assert done.acquire(timeout=20)
        return Woken(now_ns=0)

    return wait


def test_each_frame_becomes_a_result_that_names_everything(
    rig: MakeRig, pool: FrameWriter, engine: Engine, done: threading.Semaphore
) -> None:
    bus = Script(Tick(now_ns=1), lambda: shoot(pool, 41), ended(done))
    rig(bus).serve(model_of(engine))
    (result,) = results(bus)
    assert "results/front/eye/" in dict(bus.sent)
    assert (result.camera, result.frame_seq, result.captured_ns) == ("front", 41, 41)
    assert (result.model, result.family, result.device, result.status) == (
        "bright", "ssd", "CPU", "ok",
    )  # fmt: skip
    (box,) = result.boxes
    assert (box.label, box.x0, box.y1) == ("1", 0.25, 0.75)
    assert box.score > 0.95
    assert bus.reports[-1].model == f"bright@{engine.package.version}"
    assert bus.reports[-1].detail == "NPU: not present"
    assert pool.leased == set()


def test_a_dark_frame_is_looked_at_and_nothing_is_seen(
    rig: MakeRig, pool: FrameWriter, engine: Engine, done: threading.Semaphore
) -> None:
    bus = Script(Tick(now_ns=1), lambda: shoot(pool, 1, luma=16), ended(done))
    rig(bus).serve(model_of(engine))
    assert [result.boxes for result in results(bus)] == [[]]


def test_the_next_frame_is_prepared_while_one_infers_and_the_freshest_goes(
    rig: MakeRig, pool: FrameWriter, engine: Engine, done: threading.Semaphore
) -> None:
    def until_three() -> Message | None:
        last = results(bus)[-1].frame_seq if results(bus) else 0
        return ended(done)() if last != 3 else None

    shots = [partial(shoot, pool, number) for number in range(1, 4)]
    bus = Script(Tick(now_ns=1), *shots, until_three, until_three, until_three)
    rig(bus).serve(model_of(engine))
    seen = [result.frame_seq for result in results(bus)]
    assert seen[0] == 1
    assert seen[-1] == 3  # 2 gave way, unless 1 was done before 3 came
    assert bus.dropped == 3 - len(seen)


def test_with_throughput_several_frames_infer_and_results_keep_their_order(
    rig: MakeRig, run_dir: Path, tmp_path: Path, done: threading.Semaphore
) -> None:
    package = read_package(save_network(tmp_path / "bright.xml"))
    engine = Engine(package, ["CPU"], tmp_path / "cache", done.release, hint="throughput")
    assert engine.room == engine.lanes >= 3
    with FrameWriter(run_dir, "camera-front", SIZE, slots=24) as pool:
        shots = [partial(shoot, pool, number) for number in range(9)]
        bus = Script(Tick(now_ns=1), *shots, *([ended(done)] * 9))
        rig(bus).serve(model_of(engine), every={"front"})
        assert pool.leased == set()
    assert [result.frame_seq for result in results(bus)] == list(range(9))
    assert all(result.spent_ms > 0 for result in results(bus))
    assert bus.dropped == 0


def test_a_frame_that_was_overwritten_is_dropped_and_the_next_is_not(
    rig: MakeRig, pool: FrameWriter, engine: Engine, done: threading.Semaphore
) -> None:
    lost = shoot(pool, 1)
    for number in range(2, 7):
        shoot(pool, number)
    bus = Script(Tick(now_ns=1), lost, lambda: shoot(pool, 7), ended(done))
    rig(bus).serve(model_of(engine))
    assert [result.frame_seq for result in results(bus)] == [7]
    assert bus.dropped == 1


def test_without_a_model_it_says_so_and_publishes_nothing(
    rig: MakeRig, pool: FrameWriter, engine: Engine
) -> None:
    bus = Script(Tick(now_ns=1), lambda: shoot(pool, 1), Tick(now_ns=2))
    rig(bus).serve(Model(list, ("CPU",), lambda *_: engine))
    assert results(bus) == []
    assert [report.state for report in bus.reports] == ["degraded"]
    assert "no model is active" in bus.reports[0].detail


def test_a_model_that_cannot_be_had_is_tried_again_with_patience(
    rig: MakeRig, engine: Engine
) -> None:
    tries: list[int] = []

    def load(_: Wanted, __: tuple[str, ...]) -> Engine:
        tries.append(1)
        if len(tries) < 3:
            raise PackageError("street.xml: there is no such file or directory")
        return engine

    bus = Script(*(Tick(now_ns=second * SECOND_NS) for second in range(8)))
    rig(bus).serve(model_of(load))
    assert len(tries) == 3  # at 0, 2 and 6 seconds
    assert [report.state for report in bus.reports] == [
        "starting", "degraded", "starting", "degraded", "starting", "running",
    ]  # fmt: skip


def test_a_lost_device_is_stepped_down_from(engine: Engine) -> None:
    asked: list[tuple[str, ...]] = []

    def load(_: Wanted, devices: tuple[str, ...]) -> Engine:
        asked.append(devices)
        return engine

    bus = Script()
    model = model_of(load, devices=("CPU", "GPU"))
    model.look(bus, 1)
    model.lost(bus, EngineLost("CPU: the device fell off"))
    assert model.engine is None
    assert bus.reports[-1].detail == "device lost: CPU: the device fell off; trying GPU, CPU"
    model.look(bus, 2)
    assert asked == [("CPU", "GPU"), ("GPU", "CPU")]
    assert model.stepped_down
    assert bus.reports[-1].state == "degraded"


def test_what_is_newer_after_a_lost_device_counts_as_served(rig: MakeRig, engine: Engine) -> None:
    wanted = [Wanted(Path("bright.xml"), "d1", 4)]
    model = Model(lambda: wanted, ("CPU",), lambda *_: engine)

    def lose() -> Message:
        wanted[0] = wanted[0]._replace(digest="d2", generation=5)
        model.lost(bus, EngineLost("CPU: the device fell off"))
        return Tick(now_ns=2)

    bus = Script(Tick(now_ns=1), lose, Tick(now_ns=3))
    process = rig(bus)
    process.serve(model)
    assert process.slot.given == [4, 5]
    tenure = process.desk.read()
    assert tenure
    assert (tenure.generation, tenure.digest) == (5, "d2")
    assert [post.generation for post in posts(bus)] == [4, 4, 5]  # loaded, serving, loaded anew


def test_a_request_that_never_ends_ends_the_process(
    rig: MakeRig, pool: FrameWriter, tmp_path: Path
) -> None:
    """As when a device hangs: the lane never finishes."""

    class HungEngine(Engine):
        def finished(self, lane: int) -> bool:
            del lane
            return False

    package = read_package(save_network(tmp_path / "bright.xml"))
    engine = HungEngine(package, ["CPU"], tmp_path / "cache", lambda: None, threads=1)
    inbox, process = Inbox(["front"], set()), rig(Script())
    pipeline = process.pipeline(inbox, process.office())
    inbox.offer(shoot(pool, 1))
    pipeline.turn(engine)
    pipeline.look(SECOND_NS)
    pipeline.look(5 * SECOND_NS)
    with pytest.raises(InferenceHung, match="frame 1: no answer in 5 s"):
        pipeline.look(7 * SECOND_NS)
    pipeline.clear()
    assert pool.leased == set()


def test_cameras_are_served_in_turn(
    rig: MakeRig, pool: FrameWriter, engine: Engine, done: threading.Semaphore
) -> None:
    def both(number: int) -> Iterator[Callable[[], Message]]:
        yield lambda: shoot(pool, number)
        yield lambda: shoot(pool, number, camera="back")

    bus = Script(
        Tick(now_ns=1), *both(1), ended(done), ended(done), *both(2), ended(done), ended(done)
    )
    rig(bus, "front", "back").serve(model_of(engine))
    assert {(result.camera, result.frame_seq) for result in results(bus)} == {
        ("front", 1), ("back", 1), ("front", 2), ("back", 2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("broken.onnx", b"\x00\x01garbage", "broken.onnx"),
        ("empty.onnx", b"", "empty.onnx"),
        ("broken.xml", b"<net name='x' version='11'><layers>", "broken.xml"),
    ],
)
def test_a_model_that_is_none_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / name).with_suffix(".bin").write_bytes(b"")
    with pytest.raises(PackageError, match=says) as caught:
        Engine(read_package(tmp_path / name), ["CPU"], tmp_path / "cache", lambda: None)
    assert "\n" not in str(caught.value)


def test_a_model_of_no_family_is_refused(tmp_path: Path) -> None:
    pixels = ops.parameter([1, 3, 8, 8], np.float32)
    path = tmp_path / "plain.xml"
    ov.save_model(ov.Model([ops.relu(pixels)], [pixels], "plain"), path)
    with pytest.raises(PackageError, match="do not fit any of ssd"):
        Engine(read_package(path), ["CPU"], tmp_path / "cache", lambda: None)


def test_no_device_is_an_error_that_names_them_all(tmp_path: Path) -> None:
    package: Package = read_package(save_network(tmp_path / "bright.xml"))
    with pytest.raises(PackageError, match="NPU: not present; GPU: not present"):
        Engine(package, ["NPU", "GPU"], tmp_path / "cache", lambda: None)


def test_a_compiled_model_is_kept(tmp_path: Path) -> None:
    package = read_package(save_network(tmp_path / "bright.xml"))
    Engine(package, ["CPU"], tmp_path / "cache", lambda: None)
    kept = list((tmp_path / "cache").glob("*.blob"))
    assert len(kept) == 1
    Engine(package, ["CPU"], tmp_path / "cache", lambda: None)
    assert list((tmp_path / "cache").glob("*.blob")) == kept
