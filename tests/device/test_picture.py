"""What a viewer really sees: decoded from the stream by a client that was not written here."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from actors.camera.counter import read_counter
from actors.overlay.draw import colour_of
from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import Frame, Message, Result, Truth
from tests.device.device import Device, free_port, running
from tests.device.viewer import Seen, Viewer
from tests.network import save_counter_network

pytestmark = [pytest.mark.device, pytest.mark.timeout(120)]

SIZE = (640, 360)


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, short_dir: Path) -> Iterator[Device]:
    model = save_counter_network(tmp_path_factory.mktemp("model") / "counter.xml", SIZE)
    text = f"""
[[camera]]
name = "front"
source = "scene:"
width = {SIZE[0]}
height = {SIZE[1]}
fps = 15
[[inference]]
name = "eye"
model = "{model}"
threads = 1
[frames]
slots = 32
[overlay]
hold_ms = 2000
[rtsp]
port = {free_port()}
quality = 16
"""
    with running(short_dir, text) as device:
        device.until(lambda m: isinstance(m, Result), "a first result")
        yield device


def shown_number(seen: Seen) -> int:
    """Which of the eight places has a box: the one whose worst side is nearest to its colour.

    All four sides are looked at, as a figure of the scene may have the colour of one or two.
    """
    return int(np.argmin([_worst_side(seen, n) for n in range(8)]))


def _worst_side(seen: Seen, number: int) -> float:
    left, right = (int((0.103 + 0.1 * number + w) * SIZE[0]) // 2 * 2 for w in (0, 0.06))
    top, bottom = (int(y * SIZE[1]) // 2 * 2 for y in (0.2, 0.5))
    sides = (
        seen.luma[top:bottom, left],
        seen.luma[top:bottom, right - 1],
        seen.luma[top, left:right],
        seen.luma[bottom - 1, left:right],
    )
    return max(float(np.abs(side.astype(int) - colour_of("1").y).mean()) for side in sides)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_each_box_is_on_its_own_frame(device: Device, transport: str) -> None:
    with Viewer(device.url("front/result"), transport) as viewer:
        pictures = [viewer.next() for _ in range(40)]
    numbers = [picture.counter for picture in pictures]
    assert None not in numbers
    wrong = [(n, shown_number(p)) for n, p in zip(numbers, pictures, strict=True) if n is not None]
    assert [(number, shown) for number, shown in wrong if number % 8 != shown] == []


@pytest.mark.parametrize("mount", ["front/raw", "front/result", "raw", "resultTCP", "h264raw"])
def test_no_picture_is_missing_and_time_goes_with_them(device: Device, mount: str) -> None:
    with Viewer(device.url(mount)) as viewer:
        pictures = [viewer.next() for _ in range(30)]
    numbers = [picture.counter for picture in pictures]
    assert None not in numbers
    assert {b - a for a, b in pairwise(n for n in numbers if n is not None)} == {1}
    assert all(b.pts > a.pts for a, b in pairwise(pictures))


def test_the_truth_names_the_number_that_is_in_the_picture(device: Device) -> None:
    burned: dict[int, int | None] = {}
    true: dict[int, int] = {}

    def both(message: Message) -> bool:
        if isinstance(message, Truth):
            assert message.boxes
            true[message.frame_seq] = message.scene_index
        if isinstance(message, Frame) and message.ref.pool == "camera-front":
            with suppress(FrameLost), frames.read(message.ref) as picture:
                burned[message.frame_seq] = read_counter(picture.y)
        return len(burned.keys() & true.keys()) >= 10

    with FrameReader(device.config.run) as frames:
        device.until(both, "ten frames with their truth")
    same = sorted(burned.keys() & true.keys())
    assert [burned[number] for number in same] == [true[number] for number in same]
