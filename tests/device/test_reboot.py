"""What a device runs after it was off: the version that was active, or the one it fell back to."""

import signal
from pathlib import Path

import pytest

from actors.store.store import Store
from bus.messages import Result
from tests.device import models
from tests.device.device import Device, free_port, running
from tests.device.models import NETWORKS

pytestmark = [pytest.mark.device, pytest.mark.timeout(200)]


def until(device: Device, model: str) -> None:
    device.until(lambda m: isinstance(m, Result) and m.model == model, f"results of {model}")


def test_the_version_that_was_put_back_runs_after_a_reboot_too(
    short_dir: Path, shared_data: Path, tmp_path: Path
) -> None:
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
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        (entry,) = device.config.inference
        good, bad = (
            models.add(device.config, models.network(shared_data, tmp_path / name, name), name)
            for name in NETWORKS
        )
        models.activate(device.config, entry, good, probation_s=0)
        until(device, NETWORKS[0])
        models.activate(device.config, entry, bad)
        until(device, NETWORKS[1])
        device.signal(device.publisher("inference-eye"), signal.SIGKILL)
        until(device, NETWORKS[0])
    with running(short_dir, text) as device:
        until(device, NETWORKS[0])
        store = Store(device.config.state)
        assert store.slot("eye").slot.active == good
        assert store.quarantined(bad)
