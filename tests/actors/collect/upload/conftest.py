"""Peers of the test's own authority, and a rig that must keep its secrets."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.actors.collect.upload.peer import Peer
from tests.actors.collect.upload.rig import SECRET, Rig
from tests.actors.models.web import Authority

Serve = Callable[..., Peer]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Path:
    return authority.issue("127.0.0.1").path


@pytest.fixture
def changed() -> threading.Condition:
    return threading.Condition()


@pytest.fixture
def serve(changed: threading.Condition) -> Iterator[Serve]:
    peers: list[Peer] = []

    def served(kind: type[Peer], *arguments: object) -> Peer:
        peers.append(kind(*arguments, changed=changed))  # type: ignore[arg-type, misc]
        return peers[-1]

    yield served
    for peer in peers:
        peer.close()


@pytest.fixture
def peer(serve: Serve, certificate: Path) -> Peer:
    return serve(Peer, certificate)


@pytest.fixture
def rig(
    serve: Serve,  # noqa: ARG001 ends after this
    changed: threading.Condition,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Rig]:
    """When it is done no secret may stand in anything it said or logged."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    caplog.set_level(logging.DEBUG)
    rig = Rig(tmp_path, changed)
    log = logging.getLogger("actors.collect.upload")
    log.addHandler(rig)
    yield rig
    rig.close()
    log.removeHandler(rig)
    logged = [logging.Formatter().format(record) for record in caplog.get_records("call")]
    assert [text for text in (*rig.said, *logged) if SECRET in text] == []
