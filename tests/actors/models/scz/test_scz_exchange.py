"""Services that misbehave, each at each step of what they are asked."""

import socket
from collections.abc import Callable

import msgspec
import pytest

from actors.models.scz import ModelServer
from tests.actors.models.scz.rig import (
    BOOT,
    ECHO,
    ENTRA,
    KEYS,
    LOGIN,
    MODELS,
    SAS,
    SEALED,
    STEPS,
    VAULT,
    WHICH,
    Connect,
    ModelService,
    Play,
    dripping,
    fetched,
    hanging,
    raw,
    refused,
    sending,
    serving,
    trusting,
    unreachable,
)
from tests.actors.models.web import DAY, NOW, Authority


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("status", "told_by"),
    [
        (500, unreachable),
        (503, unreachable),
        (429, unreachable),
        (408, unreachable),
        (302, refused),
        (418, refused),
        (304, refused),
    ],
)
def test_a_status_is_looked_at_in_each_step(
    connect: Connect,
    service: ModelService,
    discretion: list[str],
    step: str,
    status: int,
    told_by: Callable[..., str],
) -> None:
    service.plays[step] = sending(status, ECHO, Location=f"{service.url}/x?{SAS}")
    told = told_by(discretion, fetched, connect())
    assert step in told
    assert f": answers {status}" in told


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("play", "told"),
    [
        (raw(), "breaks off its answer, or what comes is not HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" + ECHO), "breaks off its answer"),
        (raw(b"HTTP/1.1 200 OK\r\nbad " + ECHO + b"\r\n\r\n"), "breaks off its answer"),
        (raw(b"SSH-2.0 " + ECHO), "breaks off its answer"),
    ],
)
def test_what_is_no_answer_is_one_sentence(
    connect: Connect,
    service: ModelService,
    discretion: list[str],
    step: str,
    play: Play,
    told: str,
) -> None:
    service.plays[step] = play
    sentence = unreachable(discretion, fetched, connect())
    assert step in sentence
    assert told in sentence


@pytest.mark.parametrize("step", STEPS)
def test_an_encoding_was_not_asked_for(
    connect: Connect, service: ModelService, discretion: list[str], step: str
) -> None:
    begin = b"HTTP/1.1 200 " + ECHO
    service.plays[step] = raw(begin + b"\r\nContent-Encoding: gzip\r\n\r\n")
    assert "sends an encoding" in refused(discretion, fetched, connect())


@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_says_nothing_is_not_waited_for(
    connect: Connect, service: ModelService, discretion: list[str], step: str
) -> None:
    service.plays[step] = hanging
    told = unreachable(discretion, fetched, connect(stall_s=1))
    assert step in told
    assert told.endswith(": says nothing for 1 s")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_is_cut_off(
    connect: Connect, service: ModelService, discretion: list[str], step: str, begin: bytes
) -> None:
    service.plays[step] = dripping(begin)
    told = unreachable(discretion, fetched, connect(longest_s=0.3))
    assert told.endswith("not done in the 0.3 s that there are for everything")


@pytest.mark.parametrize("step", [BOOT, ENTRA, VAULT, LOGIN, KEYS])
def test_an_answer_has_a_size(
    connect: Connect, service: ModelService, discretion: list[str], step: str
) -> None:
    service.plays[step] = sending(200, b" " * 65537)
    assert "sends more than the 65536 bytes that are allowed" in refused(
        discretion, fetched, connect()
    )


def test_a_model_has_a_size(connect: Connect, service: ModelService, discretion: list[str]) -> None:
    assert connect(most_model_bytes=len(SEALED)).model(*WHICH) == SEALED
    told = refused(discretion, connect(most_model_bytes=len(SEALED) - 1).model, *WHICH)
    assert told.endswith(f"sends more than the {len(SEALED) - 1} bytes that are allowed")
    service.plays[MODELS] = raw(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(4096))
    told = refused(discretion, connect(most_model_bytes=4095).model, *WHICH)
    assert told.endswith("sends more than the 4095 bytes that are allowed")


@pytest.mark.parametrize(
    ("step", "body", "told"),
    [
        (BOOT, b"", "its answer is no JSON with kv, key"),
        (BOOT, b'{"kv": "contoso-kv"}', "its answer is no JSON with kv, key"),
        (BOOT, b'{"kv": 1, "key": "k"}', "its answer is no JSON with kv, key"),
        (BOOT, b"<html>s3cr3t</html>", "its answer is no JSON with kv, key"),
        (ENTRA, b'{"token_type": "Bearer"}', "its answer is no JSON with access_token"),
        (ENTRA, b'{"access_token": "two\\r\\nlines s3cr3t"}', "its access_token cannot be one"),
        (ENTRA, b'{"access_token": "caf\xc3\xa9 s3cr3t"}', "its access_token cannot be one"),
        (VAULT, b'{"id": "x"}', "its answer is no JSON with value"),
        (LOGIN, b"[]", "its answer is no JSON with access_token"),
        (LOGIN, b'{"access_token": ""}', "its access_token cannot be one"),
        (LOGIN, b'{"access_token": "s3cr3t\\n"}', "its access_token cannot be one"),
        (KEYS, b"", "a key text is up to 4096 ASCII characters"),
        (KEYS, b"s3cr3t caf\xc3\xa9", "a key text is up to 4096 ASCII characters"),
        (KEYS, b"s3cr3t" * 1000, "a key text is up to 4096 ASCII characters"),
    ],
)
def test_an_answer_is_what_it_should_be(
    connect: Connect,
    service: ModelService,
    discretion: list[str],
    step: str,
    body: bytes,
    told: str,
) -> None:
    service.plays[step] = sending(200, body)
    assert refused(discretion, fetched, connect()).endswith(told)


def test_a_stranger_with_a_certificate_of_his_own_gets_nothing(
    service: ModelService, discretion: list[str]
) -> None:
    with ModelServer(service.url, service.azure) as models:
        told = refused(discretion, models.key_text, *WHICH)
    assert "cannot be reached" in told
    assert "certificate verify failed" in told
    assert service.asked == []


def test_a_certificate_that_is_not_valid_yet_may_be_the_clocks_fault(
    authority: Authority, service: ModelService, discretion: list[str]
) -> None:
    with serving(authority.issue("localhost", until=NOW + 10 * DAY)) as early:
        with ModelServer(early.url, service.azure, trusting(authority)) as models:
            told = unreachable(discretion, models.key_text, *WHICH)
        assert "certificate is not yet valid" in told
        assert early.asked == []


def test_a_certificate_is_for_its_host(
    authority: Authority, service: ModelService, discretion: list[str]
) -> None:
    with serving(authority.issue("mm.example")) as other:
        with ModelServer(other.url, service.azure, trusting(authority)) as models:
            told = refused(discretion, models.key_text, *WHICH)
        assert "certificate is not valid for 'localhost'" in told
        assert other.asked == []


def test_authorities_must_be_there(
    service: ModelService, discretion: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("authorities")
    (folder / "empty.pem").write_bytes(b"")
    for name in ("none.pem", "empty.pem"):
        network = trusting(Authority(folder))
        network = msgspec.structs.replace(network, ca_file=str(folder / name))
        told = refused(discretion, ModelServer, service.url, service.azure, network)
        assert told.startswith(f"ca_file = '{folder / name}': ")


def test_a_server_that_is_away_is_told_of(
    service: ModelService, authority: Authority, discretion: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"https://127.0.0.1:{free.getsockname()[1]}"
    with ModelServer(address, service.azure, trusting(authority)) as models:
        told = unreachable(discretion, models.key_text, *WHICH)
    assert told == f"{address}/api/v1/bootstrap: cannot be reached: [Errno 111] Connection refused"
