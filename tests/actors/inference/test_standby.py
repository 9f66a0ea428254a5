"""Why a process that stands by begins its duty."""

import subprocess
import sys
import threading
from pathlib import Path

from msgspec.structs import replace

from actors.inference.desk import Desk, Tenure
from actors.inference.standby import Call, stand_by
from bus.messages import Message, Post, Tick, Woken
from bus.testing import Script
from bus.topics import POSTS
from tests.actors.inference.rig import Slot
from tests.actors.inference.test_desk import holding

TOPIC = POSTS.of(inference="eye", post="b")
OWN = Post(inference="eye", post="b", phase="standby")
DEADLINE_S = 20


def stood(desk: Desk, slot: Slot, *messages: Message) -> tuple[Call | None, Script]:
    bus = Script(*messages)
    return stand_by(bus, desk, slot, TOPIC, OWN, lambda device: device == "CPU"), bus


def test_it_says_that_it_stands_by_and_ends_with_the_bus(run_dir: Path) -> None:
    call, bus = stood(Desk(run_dir, "eye"), Slot(), Tick(now_ns=1))
    assert call is None
    assert bus.reports[-1].state == "standby"
    assert [(name, type(said)) for name, said in bus.sent] == [("posts/eye/b/", Post)]


def test_a_free_post_calls(run_dir: Path) -> None:
    desk, held = Desk(run_dir, "eye"), threading.Event()
    desk.seek(held.set)
    assert held.wait(DEADLINE_S)
    call, bus = stood(desk, Slot(), Woken(now_ns=1))
    assert call == Call("vacancy")
    assert bus.reports[-1].detail == "takes the free post"


def test_a_newer_generation_calls_while_somebody_serves(run_dir: Path) -> None:
    desk, slot = Desk(run_dir, "eye"), Slot()
    slot.number = 5
    assert stood(desk, slot, Tick(now_ns=1))[0] is None  # nobody has served yet
    with holding(run_dir) as holder:
        desk.write(Tenure("a", holder.pid, 5))
        assert stood(desk, slot, Tick(now_ns=1))[0] is None
        desk.write(Tenure("a", holder.pid, 4))
        assert stood(desk, slot, Tick(now_ns=1))[0] == Call("relief", 5)
        desk.write(Tenure("a", holder.pid, 4, left=True))
        assert stood(desk, slot, Tick(now_ns=1))[0] is None  # the post will be free, and call


def test_nobody_is_relieved_for_what_one_before_it_served(run_dir: Path) -> None:
    """Who takes a dead one's post puts its model back: the record is older than the slot then."""
    desk, slot = Desk(run_dir, "eye"), Slot()
    slot.number = 5
    with holding(run_dir):
        desk.write(Tenure("a", 1, 4))
        assert stood(desk, slot, Tick(now_ns=1))[0] is None


def test_a_better_device_is_looked_for_when_the_holder_says_so(run_dir: Path) -> None:
    desk = Desk(run_dir, "eye")
    other = Post(
        inference="eye", post="a", phase="serving", generation=3, device="CPU", better_at_ns=50
    )
    assert stood(desk, Slot(), other, Tick(now_ns=49))[0] is None
    assert stood(desk, Slot(), other, Tick(now_ns=50))[0] == Call("promotion", 3, "CPU")
    on_npu = replace(other, device="NPU")
    assert stood(desk, Slot(), on_npu, Tick(now_ns=50))[0] is None


def test_it_is_light() -> None:
    """A process that stands by all day has none of the libraries that inference needs."""
    code = "import actors.inference.__main__, sys; print(*sorted(sys.modules))"
    found = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not {"numpy", "cv2", "openvino", "httpx", "cryptography"} & set(found)
