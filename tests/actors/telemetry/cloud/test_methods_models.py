"""What an entry is to run: wished, refused, and taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from actors.clock import moment
from actors.config import Config
from actors.store.store import Store
from tests.actors.telemetry.cloud.caller import Caller, calling
from tests.device import models

DIGEST = "ab" * 32


def wish(caller: Caller, entry: str = "eye") -> dict[str, Any]:
    path = caller.config.state / "models" / "wishes" / f"{entry}.json"
    return dict(json.loads(path.read_text()))


def test_a_model_is_wished_and_where_to_look_is_said(caller: Caller) -> None:
    said = caller.result("activateModel", {"model": "street@3", "inference": "eye"}, 202)
    assert said["result"].startswith("inference entry eye is to run street@3; the method status")
    assert (said["inference"], said["step"]) == ("eye", 1)
    assert wish(caller) == {"step": 1, "model": "street@3"}


def test_the_same_again_is_worked_off_again(caller: Caller) -> None:
    for step in (1, 2):
        said = caller.result("activateModel", {"model": "street@3", "inference": "eye"}, 202)
        assert said["step"] == step


def test_an_address_brings_its_digest_and_its_secret_stays_here(caller: Caller) -> None:
    url = "https://u:hunter2@models.example/street.zip?sig=t0k3n"
    said = caller.result(
        "activateModel", {"url": url, "sha256": DIGEST.upper(), "inference": "eye"}, 202
    )
    assert "https://***@models.example/street.zip?***" in said["result"]
    assert wish(caller) == {"step": 1, "model": url, "sha256": DIGEST}
    caller.result("activateModel", {"model": "street", "inference": "eye"}, 202)
    assert wish(caller) == {"step": 2, "model": "street"}, "the digest was of another file"


@pytest.mark.parametrize(
    ("payload", "status", "said"),
    [
        ({}, 400, "model, url: wants one of them and not both"),
        ({"model": "a", "url": "https://h/a.zip"}, 400, "model, url: wants one of them"),
        ({"url": "ftp://h/a.zip"}, 400, "url: wants an address that begins with https://"),
        ({"url": "https://u:hunter2@h:x/a.zip"}, 400, "with its port a number"),
        ({"model": "s3://a/b"}, 400, "a model's source is https://…"),
        ({"model": "street", "sha256": DIGEST}, 400, "sha256: is of a file from an address"),
        ({"url": "https://h/a.zip", "sha256": "12"}, 400, "sha256: wants 64 hexadecimal digits"),
        ({"model": "street", "inference": "nose"}, 404, "there are eye, ear"),
        ({"model": "street", "inference": ""}, 400, "inference: is missing"),
    ],
)
def test_what_cannot_be_wished_is_refused_and_nothing_changes(
    caller: Caller, payload: dict[str, str], status: int, said: str
) -> None:
    found, error = caller.error("activateModel", {"inference": "eye"} | payload)
    assert found == status
    assert said in error
    assert "hunter2" not in error
    assert not (caller.config.state / "models" / "wishes").exists()


def test_the_only_entry_need_not_be_named(config: Config) -> None:
    with calling(replace(config, inference=config.inference[:1])) as caller:
        assert caller.result("activateModel", {"model": "street"}, 202)["inference"] == "eye"
    with calling(replace(config, inference=())) as caller:
        status, error = caller.error("activateModel", {"model": "street"})
        assert (status, "no [[inference]] entry" in error) == (409, True)


def test_a_store_that_refuses_is_told(caller: Caller) -> None:
    (caller.config.state / "models").write_text("no folder")
    status, error = caller.error("activateModel", {"model": "street", "inference": "eye"})
    assert (status, "models" in error) == (500, True)


@pytest.fixture
def stored(caller: Caller, tmp_path: Path) -> list[str]:
    """Two versions, the first good and the second active."""
    digests = []
    for version in ("1", "2"):
        source = tmp_path / f"source-{version}"
        source.mkdir()
        (source / "m.xml").write_text(f"<net name='{version}'/>")
        (source / "m.bin").write_bytes(b"")
        digests.append(models.add(caller.config, source, "street", version))
        models.activate(caller.config, caller.config.inference[0], digests[-1], probation_s=0)
    return digests


def test_it_goes_back_to_the_version_before_then_to_the_configuration(
    caller: Caller, stored: list[str]
) -> None:
    said = caller.result("rollbackModel", {"inference": "eye"})
    assert said["version"].startswith("street 1 (")
    assert said["digest"] == stored[0]
    assert "eye goes back to street 1 (" in said["result"]
    assert Store(caller.config.state).slot("eye").slot.active == stored[0]
    said = caller.result("rollbackModel", {"inference": "eye"})
    assert "goes back to what the configuration names" in said["result"]
    assert (said["version"], said["digest"]) == ("", "")
    assert caller.error("rollbackModel", {"inference": "eye"}) == (
        409,
        "inference entry eye: there is nothing before what runs to go back to",
    )


def test_it_does_not_go_back_to_what_must_not_run(caller: Caller, stored: list[str]) -> None:
    store = Store(caller.config.state)
    store.quarantine(stored[0], "sees ghosts", moment())
    status, error = caller.error("rollbackModel", {"inference": "eye"})
    assert status == 409
    assert "sees ghosts" in error
    assert store.slot("eye").slot.active == stored[1]


def test_an_entry_that_never_had_another_has_nothing_before(caller: Caller) -> None:
    assert caller.error("rollbackModel", {"inference": "ear"})[0] == 409
    assert caller.error("rollbackModel", {"inference": "nose"})[0] == 404
