"""What is refused of telemetry and its sinks, each in one line that says what to do."""

from pathlib import Path

import pytest

from actors.config import Config, ConfigError, load

HUB = '[[sink]]\nname = "hub"\nkind = "iothub"\n'
BROKER = '[[sink]]\nname = "hub"\nkind = "mqtt"\n'


def loaded(tmp_path: Path, text: str) -> Config:
    (tmp_path / "c.toml").write_text(text)
    return load(tmp_path / "c.toml", {})


def test_without_a_word_results_go_to_a_file(tmp_path: Path) -> None:
    (sink,) = loaded(tmp_path, "").sink
    assert (sink.name, sink.kind, sink.path) == ("file", "file", "")


def test_a_broker_is_taken(tmp_path: Path) -> None:
    text = BROKER + 'host = "broker.example"\npassword = "file:/run/secrets/mqtt"\ntls = true\n'
    (sink,) = loaded(tmp_path, text).sink
    assert (sink.host, sink.tls) == ("broker.example", True)


@pytest.mark.parametrize(
    "text",
    [
        'connection = "env:CONNECTION"',
        'host = "yard.azure-devices.net"\ndevice_id = "yard"\ncertificate_file = "yard.pem"',
        'scope_id = "0ne1"\nregistration_id = "yard"\nkey = "file:/run/secrets/key"',
        'scope_id = "0ne1"\nregistration_id = "yard"\nkey = "env:KEY"\nhost = "dps.example"',
    ],
)
def test_each_way_to_a_hub_is_taken(tmp_path: Path, text: str) -> None:
    (sink,) = loaded(tmp_path, HUB + text).sink
    assert sink.kind == "iothub"


def test_a_module_of_iot_edge_needs_no_key(tmp_path: Path) -> None:
    (sink,) = loaded(tmp_path, '[[sink]]\nname = "edge"\nkind = "iotedge"\n').sink
    assert sink.kind == "iotedge"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HUB, "sink[0]: an iothub sink needs connection, or host and device_id, or"),
        (HUB + 'connection = "HostName=h;SharedAccessKey=hunter2"\n', "is file:PATH or env:NAME"),
        (HUB + 'connection = "env:C"\ndevice_id = "yard"\n', "and only one of these"),
        (HUB + 'scope_id = "0ne1"\nkey = "env:K"\n', "registration_id are given together"),
        (HUB + 'scope_id = "0ne1"\nregistration_id = "yard"\n', "a certificate_file or by a key"),
        (HUB + 'host = "h"\ndevice_id = "yard"\nkey = "hunter2"\n', "never the secret itself"),
        (
            HUB + 'device_id = "yard"\nkey = "env:K"\n',
            "sink[0].host = '': no host name; device_id needs",
        ),
        (BROKER, "sink[0].host = '': an mqtt sink needs a broker's name"),
        (BROKER + 'host = "b"\npassword = "hunter2"\n', "is file:PATH or env:NAME"),
        (
            BROKER + 'host = "b"\nhome_assistant = true\n'
            '[telemetry]\nschemas = ["percept", "retinue/1"]\n',
            "reads results of one schema",
        ),
        ("[telemetry]\nschemas = []\n", "at least one of percept and retinue/1"),
        ('[telemetry]\nschemas = ["percept"]\nmode = "aggregate"\n', "add it to schemas"),
        ("[telemetry]\nmost_a_day = 5\nkept_for_events = 5\n", "must leave some of"),
        ('[[sink]]\nname = "a"\n[[sink]]\nname = "a"\n', "each name is used once"),
        ("[telemetry]\ninterval = 5\n", "did you mean `interval_ms`?"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert says in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
