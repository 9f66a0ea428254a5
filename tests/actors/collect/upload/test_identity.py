"""Which device a connection string names, and what is said of one that names none."""

import pytest

from actors.collect.upload.failed import Failed
from actors.collect.upload.identity import Identity, identity
from actors.config import Sink

HUB = Sink("hub", "iothub")
CERTIFIED = Sink("hub", "iothub", host="h", device_id="d", certificate_file="d.pem")


def test_a_device_with_a_key() -> None:
    text = "HostName=h.example;DeviceId=d;SharedAccessKey=s3cr3t=="
    assert identity(HUB, text) == Identity("h.example", "d", "s3cr3t==")


def test_a_device_with_a_certificate() -> None:
    assert identity(CERTIFIED, "") == Identity("h", "d", "")
    assert identity(CERTIFIED, "HostName=other;DeviceId=e;x509=true") == Identity("other", "e", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("HostName=h;DeviceId=d;ModuleId=m;SharedAccessKey=s3cr3t", "only devices may upload"),
        ("HostName=h;DeviceId=d", "has no SharedAccessKey"),
        ("HostName=h;SharedAccessKeyName=s3cr3t;SharedAccessKey=s3cr3t", "has no DeviceId"),
        ("s3cr3t", "has no HostName and no DeviceId and no SharedAccessKey"),
    ],
)
def test_others_are_refused_and_not_shown(text: str, says: str) -> None:
    with pytest.raises(Failed, match=says) as refused:
        identity(HUB, text)
    assert refused.value.kind == "lasting"
    assert "s3cr3t" not in str(refused.value)


def test_a_key_is_not_shown() -> None:
    assert "s3cr3t" not in repr(Identity("h", "d", "s3cr3t"))
