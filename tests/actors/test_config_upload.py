"""What is refused of an upload, each in one line that says what to do and shows no secret."""

from pathlib import Path

import pytest

from actors.config import Config, ConfigError, Sink, Upload, load
from actors.upload_contradictions import wrong_upload

HUB = '[[sink]]\nname = "hub"\nkind = "iothub"\n'
ONE = HUB + 'connection = "env:ONE"\n'
TWO = ONE + '[[sink]]\nname = "two"\nkind = "iothub"\nconnection = "env:TWO"\n'
BY_HUB = '[upload]\nkind = "hub"\n'
HTTP = '[upload]\nkind = "http"\n'
S3 = '[upload]\nkind = "s3"\nurl = "https://s3.example/bucket"\n'
KEYS = 'access_key = "env:ACCESS"\nsecret_key = "file:/run/secrets/s3"\n'


def loaded(tmp_path: Path, text: str) -> Config:
    (tmp_path / "c.toml").write_text(text)
    return load(tmp_path / "c.toml", {})


def test_without_a_word_nothing_is_uploaded(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").upload.kind == "off"


@pytest.mark.parametrize(
    "text",
    [
        HTTP + 'url = "https://web.example/pictures/"\ntoken = "file:/run/secrets/web"\n',
        HTTP + 'url = "http://127.0.0.1:8080"\ntoken = "env:WEB"\n',
        HTTP + 'url = "http://nas.example/pictures"\n',
        S3 + KEYS + 'region = "eu-central-1"\n',
        ONE + BY_HUB,
        HUB + 'host = "h.example"\ndevice_id = "d"\ncertificate_file = "d.pem"\n' + BY_HUB,
        TWO + BY_HUB + 'sink = "two"\n',
    ],
)
def test_what_can_be_is_taken(tmp_path: Path, text: str) -> None:
    loaded(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HTTP, "upload.url = '': an upload by http needs an address, https://HOST/PATH"),
        (HTTP + 'url = "ftp://web.example/x"\n', "needs an address"),
        (HTTP + 'url = "https://web.example:port"\n', "needs an address"),
        (HTTP + 'url = "https://me:hunter2@web.example"\n', "it has no user, password, ? or #"),
        (HTTP + 'url = "https://web.example/?sig=hunter2"\n', "it has no user, password, ? or #"),
        (HTTP + 'url = "http://web.example"\ntoken = "env:WEB"\n', "goes over https only"),
        (HTTP + 'url = "https://web.example"\ntoken = "hunter2"\n', "upload.token: is file:PATH"),
        (S3, "upload.access_key = '': an upload by s3 needs it"),
        (S3 + 'access_key = "env:A"\n', "upload.secret_key = '': an upload by s3 needs it"),
        (S3 + 'access_key = "hunter2"\nsecret_key = "env:A"\n', "upload.access_key: is file:PATH"),
        (S3.replace("/bucket", "/") + KEYS, "its path begins with the bucket"),
        (S3 + KEYS + 'region = "EU/Central"\n', "upload.region = 'EU/Central': small letters"),
        (BY_HUB, "there must be a [[sink]] of kind iothub"),
        (ONE + BY_HUB + 'sink = "other"\n', "no [[sink]] of kind iothub with this name"),
        (TWO + BY_HUB, "several sinks of kind iothub (hub, two); name one"),
        (
            HUB + 'scope_id = "0ne"\nregistration_id = "d"\nkey = "env:A"\n' + BY_HUB,
            "which hub the provisioning service gives sink 'hub' is not known here",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert says in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sink_that_is_no_device_yet_is_named() -> None:
    config = Config(sink=(Sink("hub", "iothub", host="h.example"),), upload=Upload("hub"))
    assert ["sink 'hub' says of no device" in said for said in wrong_upload(config)] == [True]
