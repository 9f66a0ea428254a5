"""The deployment for Azure IoT Edge: its shape, its limits, and that it fits image and code."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from actors.config import Rtsp, Telemetry, load
from actors.telemetry.cloud.twin import Record, given_in, judged
from cli.memory import pools_bytes
from tests.deploy.image import environment, user

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "iotedge"
FLEET = (ROOT / "docs" / "fleet.md").read_text()
SCHEMA = json.loads((Path(__file__).parent / "iotedge.schema.json").read_text())
TEXT = (FOLDER / "deployment.json").read_text()
CONTENT = json.loads(TEXT)["modulesContent"]
OPTIONS = json.loads((FOLDER / "create-options.json").read_text())
HOST = OPTIONS["HostConfig"]
LAYER = json.loads((FOLDER / "model.layer.json").read_text())["modulesContent"]["retinue"]

# https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins
LONGEST_STRING_BYTES = 4096
MOST_DESIRED_BYTES = 32 * 1024


def renamed() -> str:
    """By the command in docs/fleet.md, for consumers that know the module by Percept's name."""
    (command,) = re.findall(r"^sed -e .+ deployment\.json$", FLEET, re.MULTILINE)
    asked = shlex.split(command)
    return subprocess.run(
        asked, cwd=FOLDER, capture_output=True, text=True, check=True, timeout=60
    ).stdout


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("text", [TEXT, renamed()], ids=["retinue", "azureeyemodule"])
def test_it_has_the_shape_of_a_deployment(text: str) -> None:
    faults = Draft202012Validator(SCHEMA).iter_errors(json.loads(text))
    assert [fault.message for fault in faults] == []


def test_the_other_name_is_in_every_place() -> None:
    other = renamed()
    assert "/messages/modules/azureeyemodule/outputs/*" in other
    assert "/modules/azureeyemodule/inputs/onvif-control-msg-input" in other
    content = json.loads(other)["modulesContent"]
    assert "azureeyemodule" in content
    assert list(content["$edgeAgent"]["properties.desired"]["modules"]) == ["azureeyemodule"]


def test_the_options_are_those_that_people_read() -> None:
    module = CONTENT["$edgeAgent"]["properties.desired"]["modules"]["retinue"]
    assert json.loads(module["settings"]["createOptions"]) == OPTIONS


def test_a_twin_can_hold_it() -> None:
    for twin in CONTENT.values():
        desired = twin["properties.desired"]
        assert len(json.dumps(desired).encode()) < MOST_DESIRED_BYTES
        assert [t for t in strings(desired) if len(t.encode()) > LONGEST_STRING_BYTES] == []


def test_no_secret_is_in_it() -> None:
    words = "password|secret|sharedaccess|connectionstring|registrycredentials|sig=|[?&]sv="
    assert re.findall(words, TEXT + json.dumps(OPTIONS), re.IGNORECASE) == []


@pytest.mark.parametrize(
    "desired",
    [CONTENT["retinue"]["properties.desired"], {"models": LAYER["properties.desired.models"]}],
    ids=["deployment", "layer"],
)
def test_the_device_takes_every_property(desired: dict[str, Any]) -> None:
    entries = [entry.name for entry in load(FOLDER / "device.toml", {}).inference]
    record = judged(Record(), given_in(desired, Record(), entries), 1, entries)
    assert desired.keys() <= record.outcomes.keys()
    assert {outcome.status for outcome in record.outcomes.values()} == {"applied"}


def test_the_layer_is_of_the_same_module_and_leaves_what_the_deployment_sets() -> None:
    assert list(LAYER) == ["properties.desired.models"]
    assert "models" not in CONTENT["retinue"]["properties.desired"]


def test_the_port_is_the_one_that_is_served() -> None:
    served = f"{Rtsp().port}/tcp"
    assert list(OPTIONS["ExposedPorts"]) == list(HOST["PortBindings"]) == [served]
    assert load(FOLDER / "device.toml", {}).rtsp.port == Rtsp().port


def test_directories_and_user_are_the_images() -> None:
    mounted = [bind.split(":")[1] for bind in HOST["Binds"]]
    assert str(Path(environment("RETINUE_CONFIG")).parent) in mounted
    assert environment("RETINUE_STATE") in mounted
    assert f"uid={user()},gid={user()}" in HOST["Tmpfs"][environment("RETINUE_RUN")]
    assert OPTIONS["User"] == f"{user()}:{user()}"


def test_the_container_may_do_no_more_than_it_must() -> None:
    assert HOST["ReadonlyRootfs"] is True
    assert HOST["CapDrop"] == ["ALL"]
    assert HOST["SecurityOpt"] == ["no-new-privileges"]
    assert "Privileged" not in HOST


def test_what_waits_for_the_cloud_waits_as_long_on_both_sides() -> None:
    hub = CONTENT["$edgeHub"]["properties.desired"]
    kept_s = hub["storeAndForwardConfiguration"]["timeToLiveSecs"]
    assert kept_s == Telemetry().outbox_h * 3600


def test_the_configuration_goes_to_the_edge_as_percepts_consumers_read_it() -> None:
    device = load(FOLDER / "device.toml", {})
    assert [sink.kind for sink in device.sink] == ["iotedge"]
    assert device.telemetry.schemas == ("percept",)
    interval = CONTENT["retinue"]["properties.desired"]["TelemetryIntervalNeuralNetworkMs"]
    assert device.telemetry.interval_ms == interval


def test_a_trial_of_a_model_fits_beside_what_runs() -> None:
    device = load(FOLDER / "device.toml", {})
    pools = sum(pools_bytes(device).values())
    assert pools + device.models.admission_mb * 1_000_000 < HOST["Memory"] * 3 / 4
