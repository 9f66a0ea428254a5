"""The model commands against a device that runs: they return when it is so, or say why not."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE
from typing import NamedTuple

import pytest

from actors.store.store import Store
from bus.messages import Message, Result
from tests.device import models
from tests.device.device import ROOT, Device, free_port, running
from tests.device.models import NETWORKS

pytestmark = [pytest.mark.device, pytest.mark.timeout(300)]

Retinue = Callable[..., "Done"]


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
width = 320
height = 240
fps = 10
[[inference]]
name = "eye"
model = "builtin:street"
devices = ["CPU"]
threads = 1
[[inference]]
name = "alone"
model = "builtin:street"
devices = ["CPU"]
threads = 1
swap = "restart"
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        for entry in ("eye", "alone"):
            until_model(device, entry, "street")
        yield device


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str
    messages: list[Message]  # that came meanwhile: who does not read for long subscribes late


@pytest.fixture
def retinue(device: Device) -> Retinue:
    def call(*arguments: str | Path) -> Done:
        file = Path(device.config.run_dir).with_suffix(".toml")
        command = [sys.executable, "-m", "cli.main", *map(str, arguments), "-c", str(file)]
        with subprocess.Popen(
            command, env=device.environ, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True
        ) as process:
            messages = device.until(lambda _: process.poll() is not None, f"the end of {command}")
            return Done(process.returncode, *process.communicate(), messages)

    return call


def until_model(device: Device, entry: str, model: str) -> list[Message]:
    return device.until(
        lambda m: isinstance(m, Result) and (m.inference, m.model) == (entry, model),
        f"a result of {entry} by {model}",
    )


def steps(messages: list[Message]) -> set[int]:
    """Between one result of the entry that can be relieved and the next."""
    found = [m.seq for m in messages if isinstance(m, Result) and m.inference == "eye"]
    return {b - a for a, b in pairwise(found)}


def test_from_a_bare_network_to_its_results_and_back(
    device: Device, retinue: Retinue, shared_data: Path, tmp_path: Path
) -> None:
    source = models.network(shared_data, tmp_path / "bare", NETWORKS[0])
    done = retinue("model", "pull", source, "--slot", "eye", "--activate")
    assert done.returncode == 0, done.stderr
    assert f"slot eye: {NETWORKS[0]}@sha256-" in done.stdout
    assert "on probation for 120 s" in done.stdout
    messages = [*done.messages, *until_model(device, "eye", NETWORKS[0])]
    status = retinue("model", "status", "--json")
    [eye, alone] = json.loads(status.stdout)
    assert {post["phase"] for post in eye["posts"]} >= {"serving"}
    assert eye["active"]["digest"] == Store(device.config.state).slot("eye").slot.active
    assert alone["active"] is None
    back = retinue("model", "rollback", "--slot", "eye")
    assert back.returncode == 0, back.stderr
    assert "street@1 serves on CPU" in back.stdout
    messages += [*status.messages, *back.messages, *until_model(device, "eye", "street")]
    assert steps(messages) == {1}


def test_an_entry_of_one_process_is_waited_for_too(
    device: Device, retinue: Retinue, shared_data: Path, tmp_path: Path
) -> None:
    source = models.network(shared_data, tmp_path / "bare", NETWORKS[1])
    models.add(device.config, source, "faces")
    done = retinue("model", "activate", "faces", "--slot", "alone")
    assert done.returncode == 0, done.stderr
    assert f"{NETWORKS[1]}@" in done.stdout
    until_model(device, "alone", NETWORKS[1])


def test_what_cannot_be_loaded_is_told_and_changes_nothing(
    device: Device, retinue: Retinue, tmp_path: Path
) -> None:
    (tmp_path / "broken.xml").write_text("<net name='broken' version='11'><layers>")
    (tmp_path / "broken.bin").write_bytes(b"")
    models.add(device.config, tmp_path, "broken")
    done = retinue("model", "activate", "broken", "--slot", "eye")
    assert done.returncode == 1
    assert "slot eye: not taken over, what ran before goes on: " in done.stderr.splitlines()[-1]
    assert "broken.xml" in done.stderr
    until_model(device, "eye", "street")


def test_inference_is_restarted_without_a_gap(device: Device, retinue: Retinue) -> None:
    until_model(device, "eye", "street")
    before, alone = device.publisher("inference-eye"), device.pid("inference-alone-a")
    done = retinue("restart", "inference")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "restarted: inference-alone-a"
    assert "restarted: inference-eye: street@1 serves" in done.stdout
    messages = [*done.messages, *until_model(device, "eye", "street")]
    assert device.publisher("inference-eye") != before
    assert device.pid("inference-alone-a") != alone
    assert steps(messages) == {1}


def test_one_process_is_stopped_and_started(device: Device, retinue: Retinue) -> None:
    actor = device.publisher("inference-eye")
    pid = device.pid(actor)
    done = retinue("restart", actor)
    assert (done.returncode, done.stdout) == (0, f"restarted: {actor}\n"), done.stderr
    device.until_back(actor, pid)
    until_model(device, "eye", "street")
