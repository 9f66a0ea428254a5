"""What is said of an identity that cannot be one, and that no word of it is a secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.telemetry.sinks.iot_identity import SIMULATOR, WORKLOAD, check_environment, parts_of
from actors.telemetry.sinks.sink import Down

KEY = "c2VjcmV0"
WHOLE = f"HostName=hub.example;DeviceId=yard;SharedAccessKey={KEY}"


def test_a_connection_string_is_taken_apart() -> None:
    assert parts_of("connection", f"{WHOLE};ModuleId=eye\n") == {
        "HostName": "hub.example",
        "DeviceId": "yard",
        "SharedAccessKey": KEY,
        "ModuleId": "eye",
    }


@pytest.mark.parametrize(
    ("connection", "says"),
    [
        ("", "connection: has no HostName and no DeviceId and no SharedAccessKey"),
        (f"HostName=h;SharedAccessKeyName=owner;SharedAccessKey={KEY}", "has no DeviceId"),
        ("HostName=h;DeviceId=yard;x509=true", "is for a certificate; give host, device_id and"),
        (f"HostName=h;DeviceId=yard;SharedAccessKey={KEY}!", "the key is not in base64"),
    ],
)
def test_one_that_is_none_is_refused(connection: str, says: str) -> None:
    with pytest.raises(Down) as refused:
        parts_of("connection", connection)
    assert says in str(refused.value)
    assert KEY not in str(refused.value)


@given(st.text())
def test_nothing_of_what_is_no_connection_string_is_shown(text: str) -> None:
    secret = f"s3cr3t{text}"
    with pytest.raises(Down) as refused:
        parts_of("connection", secret)
    assert "s3cr3t" not in str(refused.value)


def test_what_the_environment_lacks_is_named() -> None:
    with pytest.raises(Down) as refused:
        check_environment(dict.fromkeys(WORKLOAD[1:], "x"))
    assert str(refused.value).startswith(f"iotedge: {WORKLOAD[0]} not set; run this as a module")


def test_iot_edge_is_enough_and_so_is_its_simulator() -> None:
    check_environment(dict.fromkeys(WORKLOAD, "x"))
    module = f"{WHOLE};ModuleId=eye;GatewayHostName=edge"
    check_environment(dict(zip(SIMULATOR, (module, "ca.pem"), strict=True)))


def test_a_device_is_no_module() -> None:
    with pytest.raises(Down, match="EdgeHubConnectionString: has no ModuleId and no GatewayHost"):
        check_environment(dict(zip(SIMULATOR, (WHOLE, "ca.pem"), strict=True)))
