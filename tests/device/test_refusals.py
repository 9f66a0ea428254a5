"""Sixty bad packages are tried beside a device that works, and it notices nothing."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from actors.models.admitting import admit
from bus.messages import Frame, Message, Result
from tests.actors.models.refusals.table import KINDS, TABLE
from tests.actors.models.refusals.workshop import Workshop
from tests.device.conftest import NETWORK
from tests.device.device import Device, free_port, running

pytestmark = [pytest.mark.device, pytest.mark.timeout(600)]

LOADED = ("damaged", "graphs")  # most of these come as far as OpenVINO: all are tried
EVERY = 9  # of the others
SKIPPED = 0.02  # of all frames, for a fresher one: as without trials, if others use the processor
BAD = [
    *(f"{kind}: {name}" for kind in LOADED for name in KINDS[kind]),
    *[name for name in TABLE if not name.startswith(LOADED)][::EVERY],
]


@pytest.fixture(scope="module")
def device(shared_data: Path, package: Path, short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "street"
source = "file:{shared_data.resolve()}/videos/street-crossing.mp4"
width = 640
height = 360
fps = 10
[[inference]]
name = "people"
model = "{package}"
devices = ["CPU"]
threads = 1
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        device.until(lambda m: isinstance(m, Result) and m.status == "ok", "a first result")
        yield device


def wrongly_judged(folder: Path, shared_data: Path) -> dict[str, str]:
    """What is said of those that are taken, or refused for another reason than theirs."""
    wrong = {}
    for number, name in enumerate(BAD):
        place, bad = folder / str(number), TABLE[name]
        place.mkdir()
        request = bad.make(Workshop(place, lambda: shared_data))
        reason = admit(request, bad.within_s, threading.Event(), lambda _: None).reason
        if bad.says not in reason:
            wrong[name] = reason
    return wrong


def meanwhile(device: Device, work: "Future[dict[str, str]]") -> list[Message]:
    """All messages until the work is done, and one more result."""
    messages: list[Message] = []
    while not work.done():
        messages += device.until(lambda m: isinstance(m, Result), "a result beside the trials")
    return messages + device.until(lambda m: isinstance(m, Result), "a result after the trials")


def steps(numbers: list[int]) -> Counter[int]:
    return Counter(after - before for before, after in pairwise(numbers))


def test_trials_of_bad_packages_are_not_noticed(
    device: Device, shared_data: Path, tmp_path: Path
) -> None:
    assert len(BAD) >= 60
    pids = {actor: device.pid(actor) for actor in device.actors}
    with ThreadPoolExecutor(1) as beside:
        work = beside.submit(wrongly_judged, tmp_path, shared_data)
        messages = meanwhile(device, work)
    assert work.result() == {}
    frames = [m for m in messages if isinstance(m, Frame)]
    results = [m for m in messages if isinstance(m, Result)]
    for pool in ("camera-street", "overlay-street"):
        assert set(steps([m.seq for m in frames if m.ref.pool == pool])) == {1}, pool
    assert set(steps([m.seq for m in results])) == {1}
    skipped = steps([m.frame_seq for m in results])
    assert set(skipped) <= {1, 2}
    assert skipped[2] <= SKIPPED * len(results)
    assert {(m.model, m.status) for m in results} == {(NETWORK, "ok")}
    assert {actor: device.pid(actor) for actor in device.actors} == pids
    assert {health.state for health in device.health.values()} == {"running", "standby"}
