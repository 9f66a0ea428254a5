"""Models change while everything runs: no frame missed, no result twice, and a way back."""

import signal
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from actors.store.store import Store
from actors.store.trouble import StoreError
from bus.messages import Frame, Message, Post, Result
from tests.device import models
from tests.device.device import Device, free_port, running
from tests.device.models import NETWORKS
from tests.device.viewer import Viewer

pytestmark = [pytest.mark.device, pytest.mark.timeout(300)]

CAMERAS = ("one", "two", "three")
SWAPS = 6


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    cameras = "".join(
        f"""
[[camera]]
name = "{name}"
source = "scene:?seed={seed}"
width = 320
height = 240
fps = 25
"""
        for seed, name in enumerate(CAMERAS)
    )
    text = f"""{cameras}
[[inference]]
name = "eye"
model = "builtin:street"
devices = ["CPU"]
threads = 1
[[inference]]
name = "alone"
model = "builtin:street"
cameras = ["three"]
devices = ["CPU"]
threads = 1
swap = "restart"
[models]
trial_results = 5
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        until_results(device, "eye", CAMERAS)
        yield device


@pytest.fixture(scope="module")
def digests(
    device: Device, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    parent = tmp_path_factory.mktemp("networks")
    return [
        models.add(device.config, models.network(shared_data, parent / name, name), name)
        for name in NETWORKS
    ]


def until_results(
    device: Device, entry: str, cameras: Sequence[str] = ("three",), model: str = ""
) -> list[Message]:
    """Up to the first result of every camera by this entry, and by this model if one is named."""
    left = set(cameras)

    def done(message: Message) -> bool:
        if isinstance(message, Result) and message.inference == entry:
            left.difference_update([message.camera] if model in {"", message.model} else [])
        return not left

    return device.until(done, f"results of {entry} {model}")


def until_post(device: Device, phase: str, digest: str, entry: str = "eye") -> Post:
    """Up to one of the entry's processes that stands there with this version."""

    def done(message: Message) -> bool:
        return (
            isinstance(message, Post)
            and message.inference == entry
            and (message.phase, message.digest) == (phase, digest)
        )

    post = device.until(done, f"{entry}: {phase} {digest[:12]}")[-1]
    assert isinstance(post, Post)
    return post


def test_swaps_miss_no_frame_repeat_no_result_and_lose_no_viewer(
    device: Device, digests: list[str]
) -> None:
    entry = device.config.inference[0]
    messages: list[Message] = []
    with Viewer(device.url("one/raw")) as raw, Viewer(device.url("two/result")) as result:
        raw.next()
        result.next()
        for swap in range(SWAPS):
            models.activate(device.config, entry, digests[swap % 2], probation_s=0)
            messages += until_results(device, "eye", CAMERAS, NETWORKS[swap % 2])
        assert raw.next()
        assert result.next()
    frames, results = defaultdict(list), defaultdict(list)
    for message in messages:
        if isinstance(message, Frame):
            frames[message.ref.pool].append(message.frame_seq)
        elif isinstance(message, Result) and message.inference == "eye":
            results[message.camera].append(message)
    assert len(frames) == 2 * len(CAMERAS)
    for pool, numbers in frames.items():
        assert {b - a for a, b in pairwise(numbers)} == {1}, pool
    for camera in CAMERAS:
        assert {b.seq - a.seq for a, b in pairwise(results[camera])} == {1}, camera
        order = [r.frame_seq for r in results[camera]]
        assert order == sorted(set(order)), camera
    seen = [r.model for r in results["one"]]
    changes = [b for a, b in pairwise(seen) if a != b]
    assert changes == [NETWORKS[swap % 2] for swap in range(SWAPS)]


def test_a_restart_goes_the_same_way(device: Device, digests: list[str]) -> None:
    entry, store = device.config.inference[0], Store(device.config.state)
    models.activate(device.config, entry, digests[0], probation_s=0)
    until_results(device, "eye", CAMERAS, NETWORKS[0])
    before = device.publisher("inference-eye")
    generation = store.reload("eye").generation
    messages = device.until(
        lambda m: isinstance(m, Post) and (m.phase, m.generation) == ("serving", generation),
        "the newcomer's first word in its post",
    )
    messages += until_results(device, "eye", CAMERAS)
    assert device.publisher("inference-eye") != before
    for camera in CAMERAS:
        found = [
            m.seq
            for m in messages
            if isinstance(m, Result) and (m.inference, m.camera) == ("eye", camera)
        ]
        assert {b - a for a, b in pairwise(found)} <= {1}, camera


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_model_whose_process_dies_or_hangs_on_probation_is_put_back(
    device: Device, digests: list[str], how: signal.Signals
) -> None:
    entry, store = device.config.inference[0], Store(device.config.state)
    models.activate(device.config, entry, digests[0], probation_s=0)
    until_results(device, "eye", CAMERAS, NETWORKS[0])
    models.activate(device.config, entry, digests[1])
    until_results(device, "eye", CAMERAS, NETWORKS[1])
    device.signal(device.publisher("inference-eye"), how)
    until_results(device, "eye", CAMERAS, NETWORKS[0])
    slot = store.slot("eye").slot
    assert (slot.active, slot.reverted, slot.good) == (digests[0], digests[1], True)
    note = store.quarantined(digests[1])
    assert note
    assert "ended without leaving its post" in note.reason
    with pytest.raises(StoreError, match="quarantined"):
        models.activate(device.config, entry, digests[1])
    store.release(digests[1])


def test_a_newcomer_that_cannot_be_loaded_changes_nothing(
    device: Device, digests: list[str], tmp_path: Path
) -> None:
    entry, store = device.config.inference[0], Store(device.config.state)
    models.activate(device.config, entry, digests[0], probation_s=0)
    until_results(device, "eye", CAMERAS, NETWORKS[0])
    before = device.publisher("inference-eye"), device.pid(device.publisher("inference-eye"))
    (tmp_path / "broken.xml").write_text("<net name='broken' version='11'><layers>")
    (tmp_path / "broken.bin").write_bytes(b"")
    broken = models.add(device.config, tmp_path, "broken")
    models.activate(device.config, entry, broken)
    post = until_post(device, "failed", broken)
    assert "broken.xml" in post.detail
    until_results(device, "eye", CAMERAS, NETWORKS[0])
    assert store.slot("eye").slot.active == digests[0]
    assert store.quarantined(broken)
    assert (device.publisher("inference-eye"), device.pid(before[0])) == before


def test_an_entry_with_one_process_stops_and_starts(device: Device, digests: list[str]) -> None:
    entry, store = device.config.inference[1], Store(device.config.state)
    until_results(device, "alone")
    first = device.pid("inference-alone-a")
    models.activate(device.config, entry, digests[0], probation_s=0)
    until_results(device, "alone", model=NETWORKS[0])
    assert device.pid("inference-alone-a") != first
    assert device.health["inference-alone-a"].restarts == 0
    models.activate(device.config, entry, digests[1])
    until_results(device, "alone", model=NETWORKS[1])
    device.signal("inference-alone-a", signal.SIGKILL)
    until_results(device, "alone", model=NETWORKS[0])
    assert store.slot("alone").slot.reverted == digests[1]
    store.release(digests[1])
