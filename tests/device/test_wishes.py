"""What a slot is wanted to run, from the wish to the first result, on a whole device."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.store.wishes import Wishes
from bus.messages import Message, Model, Result
from tests.device.device import Device, free_port, running
from tests.device.models import NETWORKS, network

pytestmark = [pytest.mark.device, pytest.mark.timeout(300)]

NETWORK = NETWORKS[0]


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
width = 320
height = 240
fps = 25
[[inference]]
name = "eye"
model = "builtin:street"
devices = ["CPU"]
threads = 1
[models]
trial_results = 5
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        until_result(device, "street")
        yield device


def until_result(device: Device, model: str) -> list[Message]:
    return device.until(
        lambda m: isinstance(m, Result) and m.model == model, f"a result of {model}"
    )


def until_phase(device: Device, phase: str) -> Model:
    message = device.until(lambda m: isinstance(m, Model) and m.phase == phase, f"models: {phase}")[
        -1
    ]
    assert isinstance(message, Model)
    return message


def test_a_wish_is_fulfilled_refused_and_taken_back_while_results_go_on(
    device: Device, shared_data: Path, tmp_path: Path
) -> None:
    wishes, package = Wishes(device.config.state), network(shared_data, tmp_path / "n", NETWORK)
    wishes.change("eye", {"model": str(package)})
    seen = until_result(device, NETWORK)
    phases = [m.phase for m in seen if isinstance(m, Model)]
    assert list(dict.fromkeys(p for p in phases if p in {"admitting", "active"})) == [
        "admitting",
        "active",
    ]
    assert sum(isinstance(m, Result) for m in seen) > 10

    killed = device.signal("models", signal.SIGKILL)
    active = until_phase(device, "active")  # without having begun anything anew
    device.until_back("models", killed)
    assert (active.model, active.source) == (NETWORK, str(package))

    (package / f"{NETWORK}.bin").write_bytes(b"damaged")
    wishes.change("eye", {"number": 1})
    refused = until_phase(device, "refused")
    assert refused.digest == active.digest
    assert refused.reason.startswith(str(package))
    until_result(device, NETWORK)

    wishes.change("eye", {"model": None})
    until_result(device, "street")
