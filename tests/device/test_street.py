"""A real clip through a real network, and the device's own stream as a network camera."""

import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.overlay.draw import colour_of
from bus.messages import Frame, Health, Message, Result
from tests.device.conftest import NETWORK
from tests.device.device import Device, free_port, running
from tests.device.viewer import Seen, Viewer

pytestmark = [pytest.mark.device, pytest.mark.timeout(180)]


PICTURES = 300  # at 10 a second: more than half of the clip


@pytest.fixture(scope="module")
def device(shared_data: Path, package: Path, short_dir: Path) -> Iterator[Device]:
    port = free_port()
    text = f"""
[[camera]]
name = "street"
source = "file:{shared_data.resolve()}/videos/street-crossing.mp4"
fps = 10
[[camera]]
name = "relay"
source = "rtsp://127.0.0.1:{port}/street/raw"
[[inference]]
name = "people"
model = "{package}"
cameras = ["street"]
[overlay]
hold_ms = 1000
[rtsp]
port = {port}
"""
    with running(short_dir, text) as device:
        yield device


def test_people_and_cars_are_seen_on_the_bus(device: Device) -> None:
    left = iter(range(20))
    messages = device.until(
        lambda m: isinstance(m, Result) and next(left, None) is None, "twenty results"
    )
    results = [m for m in messages if isinstance(m, Result)]
    assert {(m.model, m.family, m.device, m.status) for m in results} == {
        (NETWORK, "ssd", "CPU", "ok")
    }
    labels = [box.label for m in results for box in m.boxes]
    assert labels.count("vehicle") > 20
    assert labels.count("person") > 5
    assert set(labels) <= {"vehicle", "person", "bike"}


def test_boxes_are_seen_in_the_stream(device: Device) -> None:
    """Somewhere in the clip a vehicle's box has a long line; the raw picture never has one."""
    with Viewer(device.url("street/result")) as result, Viewer(device.url("street/raw")) as raw:
        for _ in range(PICTURES):
            assert _longest_line(raw.next()) < 30
            if _longest_line(result.next()) >= 60:
                return
    pytest.fail(f"no line of a vehicle's box in {PICTURES} pictures")


def test_a_network_camera_comes_back_when_its_server_does(device: Device) -> None:
    def relayed(message: Message) -> bool:
        return (
            isinstance(message, Frame)
            and message.ref.pool == "camera-relay"
            and message.width == 1280
        )

    device.until(relayed, "a relayed frame")
    dead = device.signal("rtsp", signal.SIGKILL)
    device.until(
        lambda m: isinstance(m, Health) and m.actor == "camera-relay" and m.state == "degraded",
        "the camera says that its server is away",
    )
    assert "127.0.0.1" in device.health["camera-relay"].detail
    device.until_back("rtsp", dead)
    device.until(
        lambda m: isinstance(m, Health) and m.actor == "camera-relay" and m.state == "running",
        "the camera runs again",
    )
    device.until(relayed, "a relayed frame again")
    assert device.health["camera-relay"].restarts == 0


def _longest_line(seen: Seen) -> int:
    """The longest row of pixels in the colour of a vehicle's box."""
    colour = colour_of("vehicle")
    away = np.abs(seen.chroma.astype(int) - np.array([[[colour.u]], [[colour.v]]])).max(axis=0)
    return 2 * max(_longest_run(row) for row in away < 12)


def _longest_run(row: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return int(max(edges[1::2] - edges[::2], default=0))
