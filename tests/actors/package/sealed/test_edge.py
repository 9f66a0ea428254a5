import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.package.sealed.edge import unwrap, wrap
from actors.package.sealed.key import Key, SealedError
from tests.actors.package.sealed.daemon import Daemon, running

KEY = Key(bytes(range(32)))


@pytest.fixture
def daemon(run_dir: Path) -> Iterator[Daemon]:
    with running(run_dir / "workload.sock") as daemon:
        yield daemon


def test_what_the_daemon_wraps_it_unwraps(daemon: Daemon) -> None:
    wrapped = wrap(KEY, daemon.environ)
    assert unwrap(wrapped, daemon.environ) == KEY.reveal()
    assert KEY.reveal() not in wrapped
    assert set(json.loads(wrapped)) == {"ciphertext", "initializationVector"}


def test_the_daemon_is_asked_as_its_interface_says(daemon: Daemon) -> None:
    unwrap(wrap(KEY, daemon.environ), daemon.environ)
    place = "/modules/%24retinue%2F1/genid/638181868231752533"
    assert daemon.asked == [
        f"{place}/encrypt?api-version=2019-01-30",
        f"{place}/decrypt?api-version=2019-01-30",
    ]


def test_no_two_wrapped_keys_are_alike(daemon: Daemon) -> None:
    assert wrap(KEY, daemon.environ) != wrap(KEY, daemon.environ)


@pytest.mark.parametrize("name", ["IOTEDGE_MODULEID", "IOTEDGE_MODULEGENERATIONID"])
def test_a_key_is_wrapped_for_one_module_and_deployment(daemon: Daemon, name: str) -> None:
    wrapped = wrap(KEY, daemon.environ)
    with pytest.raises(SealedError, match="answers 500 to decrypt for module"):
        unwrap(wrapped, daemon.environ | {name: "another"})


@pytest.mark.parametrize("name", ["IOTEDGE_WORKLOADURI", "IOTEDGE_MODULEID"])
def test_outside_of_a_module_the_sentence_says_so(daemon: Daemon, name: str) -> None:
    without = {key: value for key, value in daemon.environ.items() if key != name}
    for environ in (without, daemon.environ | {name: ""}):
        with pytest.raises(SealedError, match=f"{name} is not set: only modules of IoT Edge"):
            wrap(KEY, environ)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:15581", "workload.sock", "unix://"])
def test_the_daemon_is_on_a_unix_socket(daemon: Daemon, uri: str) -> None:
    with pytest.raises(SealedError, match="IOTEDGE_WORKLOADURI is no unix:///"):
        wrap(KEY, daemon.environ | {"IOTEDGE_WORKLOADURI": uri})


def test_a_daemon_that_is_away_is_told_of(daemon: Daemon, run_dir: Path) -> None:
    uri = {"IOTEDGE_WORKLOADURI": f"unix://{run_dir}/none.sock"}
    with pytest.raises(SealedError, match="cannot be asked: No such file"):
        wrap(KEY, daemon.environ | uri)


def test_a_daemon_that_hangs_is_not_waited_for(daemon: Daemon) -> None:
    daemon.hang = True
    with pytest.raises(SealedError, match="cannot be asked: timed out"):
        wrap(KEY, daemon.environ, timeout_s=0.05)


OK = b"HTTP/1.0 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "broke off its answer"),
        (b"rubbish\r\n\r\n", "broke off its answer"),
        (b"HTTP/1.0 404 Not Found\r\n\r\n{}", "answers 404 to decrypt"),
        (b"HTTP/1.0 403 Forbidden\r\n\r\n", "answers 403 to decrypt"),
        (OK + b"\r\n", "has no plaintext in it"),
        (OK + b"\r\n[]", "has no plaintext in it"),
        (OK + b"\r\n{}", "has no plaintext in it"),
        (OK + b'\r\n{"plaintext": ""}', "has no plaintext in it"),
        (OK + b'\r\n{"plaintext": "a"}', "has no plaintext in it"),
        (OK + b'\r\n{"plaintext": 5}', "has no plaintext in it"),
        (OK + b'Content-Length: 99\r\n\r\n{"plaintext": "AAECAw', "has no plaintext in it"),
        (OK + b"\r\n" + b" " * 70000, "answers more than is allowed"),
    ],
)
def test_what_is_no_answer_is_one_sentence(daemon: Daemon, answer: bytes, told: str) -> None:
    wrapped = wrap(KEY, daemon.environ)
    daemon.answer = answer
    with pytest.raises(SealedError, match=told):
        unwrap(wrapped, daemon.environ)


@pytest.mark.parametrize(
    "wrapped",
    [b"", b"\xff", b"[]", b"{}", b'{"ciphertext": "AA=="}', b'{"ciphertext": "!", "x": 1}'],
)
def test_what_is_no_wrapped_key_is_one_sentence(daemon: Daemon, wrapped: bytes) -> None:
    with pytest.raises(SealedError, match="not a wrapped key"):
        unwrap(wrapped, daemon.environ)
    assert daemon.asked == []
