"""From collected pictures to a new model on the same device, by the example, without a gap."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from actors.collect.shelf import Shelf
from actors.settings import SettingsFile
from actors.store.wishes import Wishes
from bus.messages import Frame, Message, Result
from tests.device.device import ROOT, Device, free_port, running

pytestmark = [pytest.mark.device, pytest.mark.timeout(200)]

FEW = 5
TOKEN = "SharedAccessSignature sr=hub&sig=x&se=1"  # noqa: S105 nobody's
PATCH = "/twins/street-lamp?api-version=2021-04-12"


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
source = "scene:?weather=fog&time=dusk"
width = 640
height = 360
fps = 15
[[inference]]
name = "eye"
model = "builtin:street"
devices = ["CPU"]
threads = 1
[collect]
alike_bits = 0
[models]
trial_results = 5
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        yield device


@contextmanager
def loop(
    device: Device, folder: Path, twin: str, *options: str
) -> Iterator["subprocess.Popen[str]"]:
    """The example at work."""
    environ = device.environ | {
        "RETINUE_CONFIG": str(device.config.run.with_suffix(".toml")),
        "RETINUE_HUB_TOKEN": TOKEN,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "examples/retraining_loop.py", str(folder), twin, *options]
    with subprocess.Popen(command, cwd=ROOT, env=environ, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


class Hub(BaseHTTPRequestHandler):
    """What a hub does with a patch of a twin, and what its device then does."""

    device: Device
    asked: list[tuple[str, str, dict[str, Any]]]

    def do_PATCH(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], body))
        wish = body["properties"]["desired"]
        assert Wishes(self.device.config.state).change("eye", wish).refusals == ()
        self.send_response(200)
        self.end_headers()


@contextmanager
def hub(device: Device) -> Iterator[tuple[str, type[Hub]]]:
    """A hub's address, and what it was asked."""
    kind = type("HubOfOne", (Hub,), {"device": device, "asked": []})
    with HTTPServer(("127.0.0.1", 0), kind) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", kind
        server.shutdown()
        thread.join()


def until_live(device: Device, version: str) -> list[Message]:
    return device.until(
        lambda m: isinstance(m, Result) and m.version == version, f"a result of street {version}"
    )


def test_what_was_collected_is_learned_and_runs_without_a_gap(
    device: Device, tmp_path: Path
) -> None:
    shelf = Shelf(device.config.state / "images")
    SettingsFile(device.config.state).change({"collect": True, "collect_interval_s": 1})
    device.until(lambda m: isinstance(m, Frame) and len(shelf.pictures()) >= FEW, "a few pictures")
    with (
        hub(device) as (address, asked_hub),
        loop(device, tmp_path / "one", f"{address}{PATCH}", "--streets", "1") as teaching,
    ):
        messages = until_live(device, "2")
        assert teaching.wait(10) == 0
    ((path, token, body),) = asked_hub.asked
    assert (path, token) == (PATCH, TOKEN)
    assert body["properties"]["desired"].keys() == {"ModelZipUrl", "sha256"}
    frames = [m.seq for m in messages if isinstance(m, Frame) and m.ref.pool == "camera-front"]
    results = [m.frame_seq for m in messages if isinstance(m, Result)]
    assert {b - a for a, b in pairwise(frames)} == {1}
    assert max(b - a for a, b in pairwise(results)) <= 2


def test_the_device_alone_closes_the_loop(device: Device, tmp_path: Path) -> None:
    options = "--local", "--streets", "1", "--version", "3"
    with loop(device, tmp_path / "two", *options) as teaching:
        until_live(device, "3")
        assert teaching.wait(10) == 0
