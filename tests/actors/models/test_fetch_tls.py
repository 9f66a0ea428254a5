"""Whom a download trusts, and proxies on the way."""

import contextlib
import select
import socket
import threading
from pathlib import Path

import msgspec
import pytest

from tests.actors.models.conftest import Client, Serve
from tests.actors.models.web import DAY, NOW, Authority, Certificate, Talk, Web, whole

BODY = b"a model" * 99


def test_an_expired_certificate(serve: Serve, authority: Authority, client: Client) -> None:
    old = serve(authority.issue("127.0.0.1", until=NOW - DAY))
    sentence = client.refused(old.play("/m", whole(BODY)))
    assert "its certificate is refused: certificate has expired; is this device's clock" in sentence
    assert old.requests == []


def test_a_certificate_not_valid_yet(serve: Serve, authority: Authority, client: Client) -> None:
    new = serve(authority.issue("127.0.0.1", until=NOW + 10 * DAY))
    assert "is not yet valid; is this device's clock" in client.unreachable(new.url("/m"))


def test_a_self_signed_certificate(serve: Serve, authority: Authority, client: Client) -> None:
    own = serve(authority.issue("127.0.0.1", own=True))
    sentence = client.refused(own.url("/m"))
    assert "certificate is refused: self-signed certificate; if it is right, name its" in sentence
    assert own.requests == []


def test_a_certificate_of_another_host(serve: Serve, authority: Authority, client: Client) -> None:
    other = serve(authority.issue("elsewhere.example"))
    sentence = client.refused(other.url("/m"))
    assert "its certificate is refused: IP address mismatch" in sentence
    assert other.requests == []


def test_an_authority_that_is_not_known(web: Web, client: Client) -> None:
    client.terms = msgspec.structs.replace(client.terms, ca_file="")
    assert "its certificate is refused: unable to get local issuer" in client.refused(web.url("/m"))


def test_what_speaks_no_tls(client: Client) -> None:
    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    client.terms = msgspec.structs.replace(client.terms, attempts=1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        sentence = client.unreachable(f"https://127.0.0.1:{server.getsockname()[1]}/m")
        thread.join()
    assert "TLS failed (wrong version number)" in sentence


@pytest.mark.parametrize(
    ("content", "says"), [(None, "No such file"), (b"", "no certificate"), (b"x", "no certificate")]
)
def test_an_authority_file_that_is_none(
    client: Client, tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    client.terms = msgspec.structs.replace(client.terms, ca_file=str(path))
    sentence = client.refused("https://127.0.0.1/m")
    assert f"ca_file = {str(path)!r}: {says}" in sentence


def tunnel(talk: Talk) -> None:
    """What a proxy does when it is asked to connect."""
    host, _, port = talk.request.target.partition(":")
    with socket.create_connection((host, int(port))) as far, contextlib.suppress(OSError):
        talk.send("HTTP/1.1 200 Connection Established\r\n\r\n")
        near = talk._connection
        while True:
            for ready in select.select([near, far], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (far if ready is near else near).sendall(data)


def test_a_proxy_of_the_environment(
    web: Web, serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = web.play("/m", whole(BODY))
    proxy = serve(None)
    proxy.play(f"127.0.0.1:{web.port}", tunnel)
    monkeypatch.setenv("https_proxy", f"http://eye:p4ssw0rd@127.0.0.1:{proxy.port}")
    assert client.fetch(url).path.read_bytes() == BODY
    (asked,) = proxy.requests
    assert asked.target == f"127.0.0.1:{web.port}"  # all else is for the server alone
    assert asked.headers["proxy-authorization"] == "Basic ZXllOnA0c3N3MHJk"

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    client.fetch(url)
    assert len(proxy.requests) == 1


def test_a_proxy_that_refuses(
    web: Web, serve: Serve, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = web.play("/m", whole(BODY))
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{serve(None).port}")
    assert "the proxy refuses to connect; given up after 3" in client.unreachable(url)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_plain_http_goes_through_a_proxy_whole(
    serve: Serve,
    client: Client,
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    proxy = serve(certificate if scheme == "https" else None)
    proxy.play("http://elsewhere.example/m", whole(BODY))
    monkeypatch.setenv("http_proxy", f"{scheme}://127.0.0.1:{proxy.port}")
    assert client.fetch("http://elsewhere.example/m").path.read_bytes() == BODY


def test_a_proxy_is_believed_no_more_than_a_server(
    serve: Serve, client: Client, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(authority.issue("elsewhere.example"))
    monkeypatch.setenv("http_proxy", f"https://127.0.0.1:{proxy.port}")
    sentence = client.refused("http://elsewhere.example/m")
    assert "its certificate is refused: IP address mismatch" in sentence
    assert proxy.requests == []
