"""Kill anything: the others go on, viewers stay, the dead come back. Under the real supervisord."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import Frame, Health, Message, Result
from tests.device.device import Device, free_port, running
from tests.device.viewer import Viewer
from tests.network import save_network

pytestmark = [pytest.mark.device, pytest.mark.timeout(300)]

STAGES = ("camera-front", "camera-back", "inference-eye", "overlay")


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, short_dir: Path) -> Iterator[Device]:
    model = save_network(tmp_path_factory.mktemp("model") / "bright.xml")
    text = f"""
[[camera]]
name = "front"
source = "scene:?seed=1&density=0&weather=clear&time=day"
width = 640
height = 360
fps = 20
[[camera]]
name = "back"
source = "scene:?seed=2&density=0&weather=clear&time=day"
width = 320
height = 240
fps = 20
[[inference]]
name = "eye"
model = "{model}"
threads = 1
[frames]
checksum = true
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        device.until(lambda m: isinstance(m, Result) and m.camera == "back", "a first result")
        yield device


def numbers(messages: list[Message], topic: str, camera: str) -> list[int]:
    """Message numbers of `frames` (pool of the camera) or `overlay` of one camera."""
    return [
        m.seq
        for m in messages
        if isinstance(m, Frame)
        and m.camera == camera
        and m.ref.pool.startswith("overlay" if topic == "overlay" else "camera")
        and m.status == "ok"
    ]


def steps(of: list[int]) -> set[int]:
    return {b - a for a, b in pairwise(of)}


def unaffected(killed: str) -> Iterator[tuple[str, str]]:
    """Streams that must not miss a number when this actor dies."""
    for camera in ("front", "back"):
        if killed == f"camera-{camera}":
            continue
        yield "frames", camera
        if killed != "overlay":
            yield "overlay", camera


def a_while(device: Device, camera: str) -> list[Message]:
    """Ten more frames of a camera."""
    left = iter(range(10))
    return device.until(
        lambda m: isinstance(m, Frame) and m.camera == camera and next(left, None) is None,
        f"ten frames of {camera}",
    )


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_actor_is_back_and_nobody_else_notices(device: Device, stage: str) -> None:
    actor = device.publisher(stage)
    others = {name: device.pid(name) for name in device.actors if name != actor}
    before = a_while(device, "back" if actor == "camera-front" else "front")
    dead = device.signal(actor, signal.SIGKILL)
    messages = before + device.until_back(actor, dead)
    messages += a_while(device, "front") + a_while(device, "back")
    for topic, camera in unaffected(actor):
        assert steps(numbers(messages, topic, camera)) == {1}, (topic, camera)
    assert {name: device.pid(name) for name in others} == others
    device.until(lambda m: isinstance(m, Result) and m.camera == "front", "results of front")
    device.until(lambda m: isinstance(m, Result) and m.camera == "back", "results of back")
    assert device.health[actor].restarts >= 1


@pytest.mark.parametrize("stage", [*STAGES, "watchdog-0"])
def test_a_stopped_actor_is_ended_by_the_watchdog_and_comes_back(
    device: Device, stage: str
) -> None:
    actor = device.publisher(stage)
    before = a_while(device, "back" if actor == "camera-front" else "front")
    dead = device.signal(actor, signal.SIGSTOP)
    messages = before + device.until_back(actor, dead)
    messages += a_while(device, "front") + a_while(device, "back")
    for topic, camera in unaffected(actor):
        assert steps(numbers(messages, topic, camera)) == {1}, (topic, camera)


def test_viewers_stay_connected_whatever_dies(device: Device) -> None:
    with (
        Viewer(device.url("front/result")) as result,
        Viewer(device.url("front/raw"), "udp") as raw,
    ):
        for stage in ("inference-eye", "overlay", "camera-front", "watchdog-0"):
            actor = device.publisher(stage)
            for viewer in (result, raw):
                viewer.next()
            dead = device.signal(actor, signal.SIGKILL)
            device.until_back(actor, dead)
            for viewer in (result, raw):
                for _ in range(viewer.waiting() + 10):
                    viewer.next()
        first = result.next().counter
        for _ in range(20):
            last = result.next().counter
        assert first is not None
        assert last is not None
        assert last > first


def test_a_killed_server_is_back_on_its_port(device: Device) -> None:
    with Viewer(device.url("front/raw")) as viewer:
        viewer.next()
        before = a_while(device, "front")
        dead = device.signal("rtsp", signal.SIGKILL)
        messages = before + device.until_back("rtsp", dead) + a_while(device, "front")
        assert steps(numbers(messages, "frames", "front")) == {1}
        assert steps(numbers(messages, "overlay", "front")) == {1}
    device.until(
        lambda m: isinstance(m, Health) and m.actor == "rtsp" and m.state == "running",
        "the server listens",
    )
    with Viewer(device.url("front/raw")) as viewer:
        viewer.next()


def test_random_kills_under_load_never_show_a_torn_frame(device: Device) -> None:
    """Every frame the observer gets hold of matches its checksum, whoever dies meanwhile."""
    choose = random.Random(7)  # noqa: S311 which stage dies is no secret
    verified = 0
    with FrameReader(device.config.run) as frames, Viewer(device.url("front/result")) as viewer:
        viewer.next()
        for _ in range(12):
            actor = device.publisher(choose.choice(STAGES))
            dead = device.signal(actor, choose.choice((signal.SIGKILL, signal.SIGKILL)))
            for message in device.until_back(actor, dead):
                if isinstance(message, Frame):
                    try:
                        held = frames.hold(message.ref)
                    except FrameLost:
                        continue
                    try:
                        held.verify()
                        verified += 1
                    except FrameLost:
                        pass
                    finally:
                        held.release()
        viewer.next()
    assert verified > 20


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def files_of(pid: int) -> list[str]:
    """What they are; one that is closed while we look is none."""
    files = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            files.append(str(link.readlink()))
    return sorted(files)


def private_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("RssAnon")]
    return int(line.split()[1])


def until_flowing(device: Device, each: Callable[[], None]) -> None:
    """Until both cameras' results flow, so that every link between the actors is made again."""
    left = Counter(front=5, back=5)

    def flows(message: Message) -> bool:
        each()
        if isinstance(message, Result):
            left[message.camera] -= 1
        return max(left.values()) <= 0

    device.until(flows, "results of both cameras")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("victim", STAGES)
def test_two_hundred_kills_leak_nothing_in_the_survivors(device: Device, victim: str) -> None:
    """Each of four dies 50 times; who lives on has no more files open and hardly more memory.

    Of inference the one that publishes dies; its two processes take turns. Sockets to the dead
    come and go, so the bound is the most that were open in the first kills.
    """
    others = ("rtsp", "watchdog-0", "watchdog-1")
    stages = [device.publisher(stage) for stage in STAGES if stage != victim]
    survivors = [*stages, *others]
    pids = {name: device.pid(name) for name in survivors}
    most: Counter[str] = Counter()
    memory_kib: dict[str, int] = {}

    def measure() -> None:
        nonlocal most
        most |= Counter({name: open_files(pid) for name, pid in pids.items()})

    def more() -> dict[str, list[str]]:
        return {
            name: [f"more than {most[name]}", *files_of(pid)]
            for name, pid in pids.items()
            if open_files(pid) > most[name]
        }

    with Viewer(device.url("front/result")) as viewer:
        for round_ in range(50):
            actor = device.publisher(victim)
            dead = device.signal(actor, signal.SIGKILL)
            device.until_back(actor, dead)
            while viewer.waiting():
                viewer.next()
            if round_ < 10:
                until_flowing(device, measure)
                memory_kib = {name: private_kib(pid) for name, pid in pids.items()}
        device.until(lambda _: not more(), lambda: f"as few open files: {more()}")
    assert {name: device.pid(name) for name in survivors} == pids
    for name, pid in pids.items():
        grown_kib = private_kib(pid) - memory_kib[name]
        assert grown_kib < 12 * 1024, f"{name}: {grown_kib} KiB more after 40 kills of {victim}"


def test_nothing_has_a_name_in_shared_memory(device: Device) -> None:
    """Frames have no names, so nothing can be left over: all is in descriptors."""
    device.until(lambda m: isinstance(m, Frame), "a frame")
    named = Path("/dev/shm")  # noqa: S108 where named shared memory would be
    assert [path for path in named.iterdir() if "retinue" in path.name] == []
