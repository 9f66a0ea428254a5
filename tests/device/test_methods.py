"""Direct methods on a whole device: what they say is so, and nobody else notices."""

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bus.messages import Frame, Health, Message, Model, Post, Result
from tests.actors.telemetry.cloud.caller import Caller, calling
from tests.device.device import Device, free_port, running

pytestmark = [pytest.mark.device, pytest.mark.timeout(200)]

SIZE = 640, 360


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
width = {SIZE[0]}
height = {SIZE[1]}
fps = 10
[[inference]]
name = "eye"
model = "builtin:street"
devices = ["CPU"]
threads = 1
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        device.until(lambda m: isinstance(m, Result), "a result")
        yield device


@pytest.fixture
def caller(device: Device) -> Iterator[Caller]:
    with calling(device.config) as caller:
        for health in device.health.values():
            caller.seen.hear(health)
        yield caller


def ask(
    device: Device, caller: Caller, method: str, payload: dict[str, Any]
) -> tuple[int, dict[str, Any], list[Message]]:
    """The answer, and the messages that came meanwhile."""
    caller.begin(method, payload)

    def answered(message: Message) -> bool:
        if isinstance(message, Health | Model | Post):
            caller.seen.hear(message)
        return not caller.replies.empty()

    messages = device.until(answered, f"an answer to {method}")
    _, status, said = caller.answer()
    return status, dict(said), messages


def steps(messages: list[Message], kind: type[Frame | Result], origin: str) -> set[int]:
    """From one number to the next, of the camera's frames or of an entry's results."""
    own = [m for m in messages if isinstance(m, kind)]
    seqs = [m.seq for m in own if origin == (m.ref.pool if isinstance(m, Frame) else m.inference)]
    return {b - a for a, b in pairwise(seqs)}


@pytest.mark.parametrize(("stream", "width"), [("raw", None), ("result", 320)])
def test_a_snapshot_is_a_picture_of_its_size(
    device: Device, caller: Caller, stream: str, width: int | None
) -> None:
    status, said, _ = ask(device, caller, "snapshot", {"stream": stream, "width": width})
    assert status == 200, said
    data = np.frombuffer(base64.b64decode(said["jpeg"]), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert picture is not None
    wide = width or SIZE[0]
    assert picture.shape == (wide * SIZE[1] // SIZE[0], wide, 3)
    assert float(picture.std()) > 10, "a street is not one grey"
    assert (said["width"], said["frame_width"], said["status"]) == (wide, SIZE[0], "ok")


def test_a_stage_is_restarted_and_only_it(device: Device, caller: Caller) -> None:
    before = {actor: device.pid(actor) for actor in device.actors}
    status, said, messages = ask(device, caller, "restartStage", {"stage": "overlay"})
    assert (status, said["restarted"]) == (200, ["overlay"]), said
    messages += device.until_back("overlay", before["overlay"])
    assert {a for a in device.actors if device.pid(a) != before[a]} == {"overlay"}
    assert steps(messages, Frame, "camera-front") == {1}


def test_inference_is_restarted_without_a_gap(device: Device, caller: Caller) -> None:
    before = device.publisher("inference-eye")
    status, said, messages = ask(device, caller, "restartStage", {"stage": "inference"})
    assert (status, said["relieved"]) == (202, ["inference-eye"]), said
    messages += device.until(
        lambda m: isinstance(m, Result) and device.publisher("inference-eye") != before,
        "a result of the other process",
    )
    assert steps(messages, Result, "eye") == {1}


def test_telemetry_is_restarted_and_the_device_is_well(device: Device, caller: Caller) -> None:
    before = device.pid("telemetry")
    status, said, _ = ask(device, caller, "restartStage", {"stage": "telemetry"})
    assert (status, said["restarted"]) == (202, ["telemetry"]), said
    device.until_back("telemetry", before)
    device.until(lambda _: device.health["telemetry"].state == "running", "telemetry running")
    for health in device.health.values():
        caller.seen.hear(health)
    status, said, _ = ask(device, caller, "status", {})
    assert (status, len(said["actors"])) == (200, len(device.actors))
    assert said["result"] == f"{len(device.actors)} of {len(device.actors)} actors are well"
