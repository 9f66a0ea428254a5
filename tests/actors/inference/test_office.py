"""A newcomer's way to the post, and a holder's leave: no result twice, none left out."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.config import Models
from actors.inference.desk import Desk, Served, Tenure
from actors.inference.office import PROMOTION, Failed, Office
from actors.inference.standby import Call
from bus.frame_reader import FrameReader
from bus.messages import Box, FrameRef, Phase, Post, Result
from bus.testing import Script
from tests.actors.inference.rig import Rig, posts, results
from tests.actors.inference.test_desk import holding

SECOND_NS = 1_000_000_000
DEADLINE_S = 20
RELIEF = Call("relief", 5)
MODEL = {"model": "new", "version": "2", "digest": "d2", "device": "CPU"}
RUNNING = Post(inference="eye", post="a", phase="serving", generation=4, model="old")
CAR = Box("car", 0.9, 0.1, 0.1, 0.3, 0.3)

Make = Callable[..., Office]


@pytest.fixture
def bus() -> Script:
    return Script()


@pytest.fixture
def make(run_dir: Path, bus: Script) -> Make:
    rig = Rig(run_dir, FrameReader(run_dir), bus, ["front", "back"])
    return lambda call=RELIEF, ladder=("CPU",), **rules: rig.office(
        call, post="b", rules=Models(**rules), ladder=ladder
    )


def result(
    number: int, camera: str = "front", *, seq: int = -1, boxes: list[Box] | None = None
) -> Result:
    return Result(
        seq=seq,
        camera=camera,
        frame_seq=number,
        captured_ns=number,
        captured_utc_ns=number,
        ref=FrameRef(f"camera-{camera}", 1, 0, number),
        inference="eye",
        model="m",
        version="1",
        family="ssd",
        device="CPU",
        spent_ms=3.0,
        boxes=boxes or [],
    )


def phases(bus: Script) -> list[str]:
    return [post.phase for post in posts(bus)]


def take(office: Office) -> None:
    """The desk becomes this process's."""
    held = threading.Event()
    office._desk.seek(held.set)
    assert held.wait(DEADLINE_S)


def test_a_newcomer_is_tried_says_that_it_is_ready_and_publishes_nothing(
    make: Make, bus: Script
) -> None:
    office = make(trial_results=2)
    office.told(RUNNING)
    office.runs(0, **MODEL)
    office.look(1)
    office.publish(result(1, boxes=[CAR]))
    office.hear(result(1, seq=40, boxes=[CAR]))
    office.look(2)
    office.publish(result(2))
    office.look(3)
    assert phases(bus) == ["loading", "trial", "trial", "ready"]
    assert results(bus) == []
    last = posts(bus)[-1]
    assert (last.generation, last.model, last.digest) == (5, "new", "d2")
    assert (last.agreement, last.latency_ms) == (1.0, 3.0)


def test_beside_a_holder_without_a_model_there_is_no_trial(make: Make, bus: Script) -> None:
    office = make()
    office.told(Post(inference="eye", post="a", phase="loading"))
    office.runs(0, **MODEL)
    office.look(1)
    assert phases(bus)[-1] == "ready"


def test_it_goes_on_exactly_where_the_holder_left(make: Make, bus: Script, run_dir: Path) -> None:
    office = make(trial_results=1)
    office.runs(0, **MODEL)
    for number in range(10, 16):
        office.publish(result(number))
        office.publish(result(number + 100, "back"))
    office.hear(result(11, seq=71))
    office.look(1)
    served = {"front": Served(1, 13, 73), "back": Served(1, 112, 22)}
    Desk(run_dir, "eye").write(Tenure("a", 1, 4, left=True, served=served))
    take(office)
    office.look(2)
    assert office.holds
    sent = [(r.camera, r.frame_seq, r.seq) for r in results(bus)]
    assert [row for row in sent if row[0] == "front"] == [("front", 14, 74), ("front", 15, 75)]
    assert [row for row in sent if row[0] == "back"] == [
        ("back", 113, 23), ("back", 114, 24), ("back", 115, 25),
    ]  # fmt: skip
    office.publish(result(13))  # begun before, and the holder was quicker
    office.publish(result(16))
    assert results(bus)[-1].seq == 76
    tenure = Desk(run_dir, "eye").read()
    assert tenure
    assert (tenure.generation, tenure.digest, tenure.left, tenure.pid) == (
        5,
        "d2",
        False,
        os.getpid(),
    )


def test_it_goes_on_where_a_dead_holder_was_last_heard(
    make: Make, bus: Script, run_dir: Path
) -> None:
    office = make(trial_results=9)
    Desk(run_dir, "eye").write(Tenure("a", 1, 4))
    office.runs(0, **MODEL)
    for number in range(5):
        office.publish(result(number))
    office.hear(result(2, seq=50))
    take(office)
    office.look(1)
    assert [(r.frame_seq, r.seq) for r in results(bus)] == [(3, 51), (4, 52)]


def test_a_restarted_cameras_frames_are_newer_whatever_their_numbers(
    make: Make, bus: Script, run_dir: Path
) -> None:
    office = make(trial_results=1)
    office.runs(0, **MODEL)
    restarted = result(3)
    later = FrameRef("camera-front", 2, 0, 1)
    office.publish(
        Result(**{f: getattr(restarted, f) for f in restarted.__struct_fields__} | {"ref": later})
    )
    Desk(run_dir, "eye").write(Tenure("a", 1, 4, left=True, served={"front": Served(1, 900, 9)}))
    take(office)
    office.look(1)
    assert [r.frame_seq for r in results(bus)] == [3]


def test_who_takes_a_free_post_while_loading_serves_once_loaded(make: Make, bus: Script) -> None:
    office = make()
    take(office)
    office.look(1)
    assert office.holds
    assert phases(bus) == []
    office.runs(2, **MODEL)
    assert phases(bus)[-1] == "serving"


def test_a_holder_leaves_for_who_is_newer_and_ready(make: Make, bus: Script, run_dir: Path) -> None:
    office = make(Call("vacancy", 4))
    office.runs(0, **MODEL)
    not_yet: list[tuple[Phase, int]] = [("loading", 5), ("trial", 5), ("ready", 4)]
    for phase, generation in not_yet:
        office.told(Post(inference="eye", post="a", phase=phase, generation=generation))
        assert not office.leaving
    office.publish(result(8))
    office.told(Post(inference="eye", post="a", phase="ready", generation=5))
    assert office.leaving
    office.publish(result(9))  # it had begun
    office.leave()
    tenure = Desk(run_dir, "eye").read()
    assert tenure
    assert tenure.left
    assert tenure.served == {"front": Served(1, 9, 1)}
    assert phases(bus)[-1] == "leaving"


def test_a_holder_leaves_for_the_same_model_on_a_better_device(make: Make) -> None:
    office = make(Call("vacancy", 4))
    office.runs(0, **MODEL)
    office.told(Post(inference="eye", post="a", phase="ready", generation=4, detail=PROMOTION))
    assert office.leaving


@pytest.mark.parametrize(
    ("device", "at_s"), [("NPU", None), ("GPU", 30), ("CPU", 30)], ids=["first", "second", "last"]
)
def test_a_holder_says_when_to_look_for_a_better_device(
    make: Make, bus: Script, device: str, at_s: int | None
) -> None:
    office = make(Call("vacancy", 4), ladder=("NPU", "GPU", "CPU"))
    office.runs(7, **MODEL | {"device": device})
    assert posts(bus)[-1].better_at_ns == (7 + at_s * SECOND_NS if at_s else 0)


def test_after_each_vain_look_it_waits_longer(make: Make, bus: Script) -> None:
    office = make(Call("vacancy", 4), ladder=("NPU", "CPU"))
    office.runs(0, **MODEL)
    waits_s = []
    for _ in range(9):
        detail = f"{PROMOTION}: no device takes the model"
        office.told(Post(inference="eye", post="a", phase="failed", detail=detail))
        waits_s.append(posts(bus)[-1].better_at_ns // SECOND_NS)
    assert waits_s == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_lost_device_is_looked_for_too(make: Make, bus: Script) -> None:
    office = make(Call("vacancy", 4), ladder=("NPU", "CPU"))
    office.runs(0, **MODEL | {"device": "NPU"})
    assert posts(bus)[-1].better_at_ns == 0
    office.runs(5, **MODEL | {"device": "CPU"})
    assert posts(bus)[-1].better_at_ns == 5 + 30 * SECOND_NS


def test_who_loads_something_newer_than_it_was_called_for_says_so(
    make: Make, bus: Script, run_dir: Path
) -> None:
    office = make(Call("relief", 5), trial_results=1)
    take(office)
    office.look(1)
    office.runs(2, **MODEL | {"generation": 6})
    desk = Desk(run_dir, "eye")
    tenure = desk.read()
    assert tenure
    assert (tenure.generation, posts(bus)[-1].generation) == (6, 6)
    office.runs(3, **MODEL | {"generation": 7, "digest": "d3"})  # its device was lost meanwhile
    tenure = desk.read()
    assert tenure
    assert (tenure.generation, tenure.digest, posts(bus)[-1].digest) == (7, "d3", "d3")


def test_who_fails_in_its_post_leaves_the_reason(make: Make, run_dir: Path) -> None:
    make(RELIEF).give_way("not mine to say")
    assert Desk(run_dir, "eye").read() is None
    office = make(Call("vacancy", 4))
    office.runs(0, **MODEL)
    office.give_way("no answer in 5 s")
    tenure = Desk(run_dir, "eye").read()
    assert tenure
    assert (tenure.fault, tenure.left, tenure.digest) == ("no answer in 5 s", False, "d2")


def test_who_agrees_too_little_does_not_take_over_if_that_is_asked(make: Make, bus: Script) -> None:
    for least, stays in ((None, False), (0.5, True)):
        office = make(trial_results=1, least_agreement=least)
        office.runs(0, **MODEL)
        office.hear(result(1, boxes=[CAR]))
        office.publish(result(1))
        if stays:
            with pytest.raises(Failed, match="agrees with the running model on 0% of their boxes"):
                office.look(1)
        else:
            office.look(1)
            assert phases(bus)[-1] == "ready"


def test_a_holder_that_does_not_leave_is_ended_after_a_while(make: Make, run_dir: Path) -> None:
    office = make(trial_results=1)
    office.runs(0, **MODEL)
    office.publish(result(1))
    with holding(run_dir) as holder:
        office.look(1)
        office.look(3 * SECOND_NS)
        assert holder.poll() is None
        office.look(3 * SECOND_NS + 2)
        assert holder.wait(DEADLINE_S) == -signal.SIGKILL
