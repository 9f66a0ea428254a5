"""The services, whoever speaks with them, and an ear for secrets."""

import logging
from collections.abc import Iterator

import pytest

from actors.models.scz import ModelServer
from tests.actors.models.scz.rig import (
    SEALED,
    Connect,
    ModelService,
    serving,
    trusting,
)
from tests.actors.models.web import Authority, Certificate


@pytest.fixture(autouse=True)
def discretion(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[list[str]]:
    """Whatever a test logs, at any level, and whatever sentence it hears has no secret in it."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    yield said
    logged = [logging.Formatter().format(record) for record in caplog.get_records("call")]
    assert [text for text in said + logged if "s3cr3t" in text] == []


@pytest.fixture
def service(certificate: Certificate) -> Iterator[ModelService]:
    with serving(certificate) as service:
        service.models["people/1.0"] = SEALED
        yield service


@pytest.fixture
def connect(service: ModelService, authority: Authority) -> Iterator[Connect]:
    made: list[ModelServer] = []

    def connected(**more: float) -> ModelServer:
        made.append(ModelServer(service.url, service.azure, trusting(authority, **more)))
        return made[-1]

    yield connected
    for models in made:
        models.close()
