"""A whole device as a module of IoT Edge, its hub played over a real broker: from both ends."""

import json
import signal
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import monotonic_ns
from typing import Any

import cv2
import pytest

from actors.telemetry.cloud.onvif import INPUT
from bus.messages import Frame, Message
from tests.actors.models.web import Web, answer
from tests.actors.telemetry.hub import Hub, hub_in
from tests.device.device import DEADLINE_S, ROOT, Device, free_port, running
from tests.device.viewer import Viewer

pytestmark = [pytest.mark.device, pytest.mark.timeout(200)]
TOKEN = "s3cr3t"  # noqa: S105 looked for wherever it must not be


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with hub_in(tmp_path_factory.mktemp("hub")) as hub:
        hub.deadline_s = DEADLINE_S  # a model is installed meanwhile
        yield hub


@pytest.fixture(scope="module", autouse=True)
def device(short_dir: Path, hub: Hub) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
width = 1600
height = 900
fps = 15
[[inference]]
name = "eye"
model = "builtin:street"
devices = ["CPU"]
threads = 1
[telemetry]
schemas = ["percept"]
interval_ms = 50
[rtsp]
port = {free_port()}
[[sink]]
name = "edge"
kind = "iotedge"
"""
    with pytest.MonkeyPatch.context() as environ:
        for name, value in hub.environment.items():
            environ.setenv(name, value)
        with running(short_dir, text) as device:
            yield device


def told(hub: Hub, name: str, **wanted: Any) -> dict[str, Any]:
    """The reported property once it is so."""
    said = hub.reported(lambda r: wanted.items() <= r.get(name, {}).items())
    found: dict[str, Any] = said[name]
    return found


def serves(reported: dict[str, Any], *, stored: bool, state: str) -> bool:
    """Whether a stored version runs, or none does, and counts: two processes tell, in any order."""
    eye = reported["models"]["eye"]
    return (eye.get("digest", "") != "") is stored and eye["state"] == state


def test_percept_messages_come_to_its_output(hub: Hub) -> None:
    hub.until(lambda: len(hub.letters) >= 5)
    letter = hub.letters[-1]
    assert letter.system["output"] == "AzureEyeModuleOutput"
    assert (letter.system["content_type"], letter.system["encoding"]) == (
        "application/json", "utf-8",
    )  # fmt: skip
    assert letter.body.startswith(b'{"NEURAL_NETWORK": [')


def test_every_setting_model_actor_and_address_is_reported(device: Device, hub: Hub) -> None:
    said = hub.reported(lambda r: r.get("models", {}).get("eye", {}).get("name") == "street")
    assert said["StreamFPS"]["status"] == "default"
    assert said["health"].keys() == set(device.actors)
    port = device.config.rtsp.port
    assert said["addresses"]["front"]["raw"] == f"rtsp://127.0.0.1:{port}/front/raw"


def test_a_patch_shrinks_a_stream_and_its_viewer_stays(device: Device, hub: Hub) -> None:
    pids = {actor: device.pid(actor) for actor in device.actors}
    with Viewer(device.url("front/raw")) as viewer:
        assert viewer.next().luma.shape == (900, 1600)
        version = hub.patch({"StreamResolution": "720p", "StreamFPS": "often"})
        told(hub, "StreamResolution", value="720p", status="applied", version=version)
        assert told(hub, "StreamFPS", status="refused", version=version)["description"]
        while viewer.next().luma.shape != (720, 1280):
            pass
        hub.send(INPUT, {"-s": "native"})
        while viewer.next().luma.shape != (900, 1600):
            pass
    assert {actor: device.pid(actor) for actor in device.actors} == pids


def test_methods_are_answered(hub: Hub) -> None:
    status, said = hub.call("status")
    assert status == 200
    assert "front" in repr(said)
    status, said = hub.call("restartStage", {"stage": "overlay"})
    assert (status, "overlay" in said["result"]) == (200, True)
    assert hub.call("restartStage", {"stage": "kitchen"})[0] == 404


def test_a_model_that_cannot_be_had_is_reported_and_the_old_one_goes_on(hub: Hub) -> None:
    hub.patch({"model": "nobody@1"})
    hub.reported(lambda r: r["models"]["eye"].get("error", "") != "")
    assert hub.reported()["models"]["eye"]["name"] == "street"
    hub.patch({"model": None})
    hub.reported(lambda r: r["models"]["eye"].get("error", "") == "")


def test_percepts_package_by_its_url_is_live_and_null_brings_the_old_one_back(
    hub: Hub, tmp_path: Path
) -> None:
    said = {"DomainType": "ssd100", "LabelFileName": "labels.txt", "ModelFileName": "street.xml"}
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as package:
        package.writestr("config.json", json.dumps(said))
        for name in ("street.xml", "street.bin", "labels.txt"):
            package.write(ROOT / "models" / "street" / name, name)
    body, before, web = (tmp_path / "model.zip").read_bytes(), len(hub.letters), Web(None)
    try:
        url = web.play("/model.zip", answer("200 OK", body, content_length=str(len(body))))
        version = hub.patch({"ModelZipUrl": f"{url}?sig={TOKEN}"})
        told(hub, "ModelZipUrl", status="applied", version=version)
        new = hub.reported(lambda r: serves(r, stored=True, state="active"))
    finally:
        web.close()
    assert TOKEN not in json.dumps(new)
    hub.patch({"ModelZipUrl": None})
    hub.reported(lambda r: serves(r, stored=False, state="idle"))
    numbers = [int(each.properties["number"]) for each in hub.letters[before:]]
    assert {b - a for a, b in pairwise(numbers)} <= {0, 1}


def test_onvif_takes_a_picture(device: Device, hub: Hub) -> None:
    kept = device.config.state / "snapshot" / "snapshot.jpg"
    hub.send(INPUT, {"snapshot": "raw"})
    device.until(lambda _: kept.exists(), "the picture")
    picture = cv2.imread(str(kept))
    assert picture is not None
    assert picture.shape == (900, 1600, 3)


def test_killed_it_goes_on_where_it_was_and_nobody_else_notices(device: Device, hub: Hub) -> None:
    since_ns = monotonic_ns()
    device.until(lambda m: is_of(m, "camera-front") and m.published_ns > since_ns, "a new frame")
    dead = device.signal("telemetry", signal.SIGKILL)
    messages = device.until_back("telemetry", dead)
    count = len(hub.letters)
    hub.patch({"TelemetryIntervalNeuralNetworkMs": 60})
    told(hub, "TelemetryIntervalNeuralNetworkMs", value=60, status="applied")
    hub.until(lambda: len(hub.letters) >= count + 3)
    numbers = [int(each.properties["number"]) for each in hub.letters]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    frames = [m.seq for m in messages if is_of(m, "camera-front")]
    assert {b - a for a, b in pairwise(frames)} <= {1}


def is_of(message: Message, pool: str) -> bool:
    return isinstance(message, Frame) and message.ref.pool == pool


def test_secrets_are_in_no_log(device: Device, hub: Hub) -> None:
    secret = hub.connection.rpartition("SharedAccessKey=")[2].partition(";")[0]
    log = device.config.run.with_suffix(".log").read_text()
    assert secret not in log
    assert "SharedAccessSignature" not in log
    assert TOKEN not in log
