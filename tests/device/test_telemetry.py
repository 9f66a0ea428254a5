"""What is seen arrives in a file, whoever is killed on the way."""

import json
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bus.messages import Frame, Health, Message
from tests.device.device import Device, free_port, running

pytestmark = [pytest.mark.device, pytest.mark.timeout(200)]


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
width = 320
height = 240
fps = 20
[[inference]]
name = "eye"
model = "builtin:street"
devices = ["CPU"]
threads = 1
[telemetry]
interval_ms = 50
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        yield device


def sent(device: Device) -> list[dict[str, Any]]:
    path = device.config.state / "telemetry" / "messages.jsonl"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def results(device: Device) -> list[int]:
    return [each["number"] for each in sent(device) if each["topic"] == "results/front/eye"]


def until_more(device: Device, count: int) -> list[Message]:
    """Up to so many more results in the file, looked at with each frame."""
    wanted = len(results(device)) + count
    return device.until(
        lambda m: isinstance(m, Frame) and len(results(device)) >= wanted, f"{count} more results"
    )


def test_results_arrive_each_once_though_the_writer_is_killed(device: Device) -> None:
    until_more(device, 5)
    for _ in range(3):
        dead = device.signal("telemetry", signal.SIGKILL)
        messages = device.until_back("telemetry", dead) + until_more(device, 5)
        frames = [m.seq for m in messages if isinstance(m, Frame) and m.ref.pool == "camera-front"]
        assert {b - a for a, b in pairwise(frames)} == {1}
    numbers = results(device)
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    body = next(each["body"] for each in sent(device) if each["topic"] == "results/front/eye")
    assert (body["kind"], body["model"], body["width"]) == ("result", "street", 320)


def test_who_dies_is_told_of(device: Device) -> None:
    dead = device.signal("overlay", signal.SIGKILL)
    device.until_back("overlay", dead)

    def told() -> list[int]:
        return [
            each["body"]["restarts"] for each in sent(device) if each["topic"] == "health/overlay"
        ]

    device.until(lambda m: isinstance(m, Health) and max(told(), default=0) >= 1, "its restart")
