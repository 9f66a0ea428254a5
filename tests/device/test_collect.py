"""Pictures are kept of a running device, with what was seen in them, whoever is killed."""

import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from actors.agreement import overlap
from actors.collect.shelf import Picture, Shelf
from actors.collect.sidecar import Sidecar
from actors.settings import SettingsFile
from bus.messages import Box, Frame, Health, Message, Result, Truth
from tests.device.device import Device, free_port, running

pytestmark = [pytest.mark.device, pytest.mark.timeout(200)]

CLEAR = 0.9  # share of a figure that is to be seen


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
source = "scene:?weather=clear&time=day"
width = 640
height = 360
fps = 15
[[camera]]
name = "back"
width = 320
height = 240
fps = 5
[[inference]]
name = "eye"
model = "builtin:street"
cameras = ["front"]
devices = ["CPU"]
threads = 1
[collect]
alike_bits = 0
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        yield device


def kept(device: Device) -> list[tuple[Picture, Sidecar]]:
    shelf = Shelf(device.config.state / "images")
    return [(each, shelf.sidecar(each)) for each in shelf.pictures()]


def until_more(device: Device, count: int, camera: str = "front") -> list[Message]:
    """Up to so many more pictures on the disk, looked at with each frame."""

    def there() -> int:
        return sum(picture.camera == camera for picture, _ in kept(device))

    wanted = there() + count
    return device.until(
        lambda m: isinstance(m, Frame) and there() >= wanted, f"{count} more pictures of {camera}"
    )


def test_pictures_appear_once_they_are_wanted_and_show_what_was_there(device: Device) -> None:
    assert device.health["collect"].detail == "collecting is off"
    SettingsFile(device.config.state).change({"collect": True, "collect_interval_s": 1})
    messages = until_more(device, 4)
    truths = {m.frame_seq: m for m in messages if isinstance(m, Truth) and m.camera == "front"}
    found = expected = 0
    for picture, about in kept(device):
        assert np.asarray(cv2.imread(str(picture.path))).shape == (360, 640, 3)
        (look,) = about.seen
        assert (look.inference, look.model, about.reasons) == ("eye", "street", ("interval",))
        for true in truths[about.frame_seq].boxes:
            if true.visible >= CLEAR:
                figure = Box(true.label, 1.0, true.x0, true.y0, true.x1, true.y1)
                expected += 1
                found += any(overlap(figure, box) >= 0.5 for box in look.boxes)
    assert expected >= 8
    assert found >= 0.8 * expected


def test_one_of_each_camera_on_request_also_where_nobody_looks(device: Device) -> None:
    settings = SettingsFile(device.config.state)
    settings.change({"collect": True, "collect_interval_s": 1})
    settings.step("picture_step")
    until_more(device, 1, "back")
    asked = [about for _, about in kept(device) if "request" in about.reasons]
    back = [about for about in asked if about.camera == "back"]
    assert [(about.width, about.seen) for about in back] == [(320, ())]


def test_nobody_notices_its_death_and_it_goes_on(device: Device) -> None:
    dead = device.signal("collect", signal.SIGKILL)
    messages = device.until_back("collect", dead) + until_more(device, 2)
    frames = [m.seq for m in messages if isinstance(m, Frame) and m.ref.pool == "camera-front"]
    results = [m.seq for m in messages if isinstance(m, Result)]
    assert {b - a for a, b in pairwise(frames)} == {b - a for a, b in pairwise(results)} == {1}
    others = [m for m in messages if isinstance(m, Health) and m.actor != "collect"]
    assert {m.restarts for m in others} == {0}
    assert all(cv2.imread(str(picture.path)) is not None for picture, _ in kept(device))
