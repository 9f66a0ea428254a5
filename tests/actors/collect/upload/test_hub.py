"""The hub's own file upload: a picture has arrived when its blob is there and the hub knows it."""

import base64
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives import serialization

from actors.config import Sink
from tests.actors.collect.upload.conftest import Serve
from tests.actors.collect.upload.hub_peer import HubPeer, Storage
from tests.actors.collect.upload.peer import Peer, Play, Talk, cut, hang, status
from tests.actors.collect.upload.rig import JPEG, NEVER, SECRET, Rig, names
from tests.actors.models.web import Authority

KEY = base64.b64encode(SECRET.encode()).decode()


class Azure(NamedTuple):
    hub: HubPeer
    storage: Peer


@pytest.fixture
def azure(serve: Serve, certificate: Path, authority: Authority) -> Azure:
    # both would like to know who comes
    hub = serve(HubPeer, certificate, authority.path)
    storage = serve(Storage, certificate, authority.path)
    assert isinstance(hub, HubPeer)
    hub.storage, hub.open, hub.told = storage.host, {}, []
    return Azure(hub, storage)


def by_key(rig: Rig, azure: Azure, authority: Authority, key: str = KEY) -> None:
    azure.hub.key = KEY
    parts = f"HostName={azure.hub.host};DeviceId={azure.hub.device};SharedAccessKey={key}"
    sink = Sink("hub", "iothub", connection=rig.secret("hub", parts))
    rig.to(sink, kind="hub", ca_file=str(authority.path))


def blobs(azure: Azure, *kept_names: str) -> list[str]:
    return [f"/pictures/{azure.hub.device}{name}" for name in kept_names]


def test_a_picture_and_its_sidecar_become_blobs_that_the_hub_knows(
    rig: Rig, azure: Azure, authority: Authority
) -> None:
    by_key(rig, azure, authority)
    kept = rig.keep(1), rig.keep(2)
    sidecar = kept[0].sidecar.read_bytes()
    rig.start()
    rig.until_gone(*kept)
    assert list(azure.storage.kept) == blobs(azure, *names(*kept))
    assert list(azure.storage.kept.values())[:2] == [JPEG, sidecar]
    assert [said["isSuccess"] for said in azure.hub.told] == [True] * 4
    assert azure.hub.open == {}
    assert not any("authorization" in asked.headers for asked in azure.storage.asked)


def test_a_certificate_says_who_we_are(rig: Rig, azure: Azure, authority: Authority) -> None:
    azure.hub.device = "door.example"
    pem = str(authority.issue("door.example").path)
    sink = Sink(
        "hub", "iothub", host=azure.hub.host, device_id="door.example", certificate_file=pem
    )
    rig.to(sink, kind="hub", ca_file=str(authority.path))
    kept = rig.keep()
    rig.start()
    rig.until_gone(kept)
    assert list(azure.storage.kept) == blobs(azure, *names(kept))
    assert {asked.subject for asked in azure.storage.asked} == {""}


@pytest.mark.parametrize("play", [status(500), status(403), status(413), cut])
def test_a_blob_that_does_not_arrive_is_told_and_goes_again(
    play: Play, rig: Rig, azure: Azure, authority: Authority
) -> None:
    by_key(rig, azure, authority)
    kept, there = rig.keep(), []

    def look(talk: Talk) -> None:
        there.append(kept.path.exists() and kept.sidecar.exists())
        azure.storage.play(talk)

    azure.storage.plays = [play, look, look]
    uploader = rig.start()
    rig.until_said("the hub's storage: ")
    if uploader.state.aside:  # 413 is this picture's own
        assert rig.left == [kept.title]
        rig.close()
        rig.start()
    rig.until_gone(kept)
    assert there == [True, True]
    assert [said["isSuccess"] for said in azure.hub.told] == [False, True, True]


@pytest.mark.parametrize("play", [status(500), status(404), cut])
def test_a_blob_that_the_hub_does_not_know_of_has_not_arrived(
    play: Play, rig: Rig, azure: Azure, authority: Authority
) -> None:
    by_key(rig, azure, authority)
    kept = rig.keep()
    azure.hub.plays = [azure.hub.play, play]
    rig.start()
    rig.until_gone(kept)
    assert len(azure.storage.asked) == 3  # the picture twice


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b'{"correlationId": "c"}', b'{"hostName": 7}', b"\xff", b"x" * 100_000],
)
def test_an_answer_that_says_no_place_is_tried_again(
    answer: bytes, rig: Rig, azure: Azure, authority: Authority
) -> None:
    by_key(rig, azure, authority)
    kept = rig.keep()
    azure.hub.plays = [status(200, answer)]
    rig.start()
    rig.until_gone(kept)
    assert any("answers no place to upload to" in s or "answers more than" in s for s in rig.said)


def test_a_place_that_is_no_address_is_refused_and_not_shown(
    rig: Rig, azure: Azure, authority: Authority
) -> None:
    rig.lasting = NEVER
    by_key(rig, azure, authority)
    kept, azure.hub.storage = rig.keep(), "127.0.0.1:99999"
    rig.start()
    rig.until_said("a port is a number up to 65535")
    assert kept.path.exists()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (400, "answers 400 Bad Request; has the hub a container for files set?"),
        (401, "answers 401 Unauthorized; is what it is to know us by still valid?"),
    ],
)
def test_a_hub_that_refuses_us_is_said(
    code: int, says: str, rig: Rig, azure: Azure, authority: Authority
) -> None:
    rig.lasting = NEVER
    by_key(rig, azure, authority)
    kept = rig.keep(1), rig.keep(2)
    azure.hub.plays = [status(code)]
    uploader = rig.start()
    rig.until_said(f"hub {azure.hub.host}: {says}")
    uploader.close()
    assert rig.left == [each.title for each in kept]
    assert (uploader.state.aside, len(azure.hub.asked)) == (0, 1)


@pytest.mark.parametrize("key", [base64.b64encode(b"another").decode(), f"{SECRET}!"])
def test_a_wrong_key_is_said_and_not_shown(
    key: str, rig: Rig, azure: Azure, authority: Authority
) -> None:
    rig.lasting = NEVER
    by_key(rig, azure, authority, key)
    rig.keep()
    rig.start()
    rig.until_said(f"hub {azure.hub.host}: ")
    assert azure.storage.asked == []


def locked(authority: Authority) -> bytes:
    """A certificate whose key needs a password."""
    pem = authority.issue("door.example").path.read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(SECRET.encode()),
    )
    return encrypted + pem[pem.index(b"-----BEGIN CERTIFICATE") :]


@pytest.mark.parametrize("fault", ["missing", "no certificate", "no key", "locked"])
def test_files_that_are_no_use_are_named(
    fault: str, rig: Rig, azure: Azure, authority: Authority, tmp_path: Path
) -> None:
    rig.lasting = NEVER
    path = tmp_path / "ours.pem"
    if fault == "no certificate":
        path.write_text(SECRET)
    elif fault == "no key":
        path.write_bytes(authority.path.read_bytes())
    elif fault == "locked":
        path.write_bytes(locked(authority))
    sink = Sink("hub", "iothub", host=azure.hub.host, device_id="d", certificate_file=str(path))
    rig.to(sink, kind="hub", ca_file=str(authority.path))
    rig.keep()
    rig.start()
    rig.until_said(f"sink hub: certificate_file = {str(path)!r}, key_file = '': ")
    assert azure.hub.asked == []


def test_it_ends_while_the_hub_says_nothing(rig: Rig, azure: Azure, authority: Authority) -> None:
    by_key(rig, azure, authority)
    kept = rig.keep()
    azure.hub.plays = [hang]
    uploader = rig.start()
    azure.hub.until_asked(1)
    uploader.close()
    assert kept.path.exists()
