"""A web server for one test, with certificates of its own, that answers as badly as it is told.

Each path has a list of plays, one a request, of which the last goes on for ever. A play is given
the connection when the request's head has come, and sends what it likes, byte by byte.
"""

import datetime as dt
import ipaddress
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.listening import Listening

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


class Request(NamedTuple):
    target: str
    headers: dict[str, str]


class Talk:
    """One connection after its request."""

    def __init__(self, connection: socket.socket, request: Request) -> None:
        self._connection, self.request = connection, request

    def send(self, *parts: bytes | str) -> None:
        for part in parts:
            self._connection.sendall(part.encode("latin-1") if isinstance(part, str) else part)

    def hold(self) -> None:
        """Say nothing until the other side hangs up."""
        while self._connection.recv(1024):
            pass

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


Play = Callable[[Talk], None]


class Certificate(NamedTuple):
    """A key and its certificate, in one PEM file."""

    path: Path


class Authority:
    """Issues certificates; `path` is what a client needs to trust them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _named("an authority of the test")
        ca = x509.BasicConstraints(ca=True, path_length=None)
        unsigned = _unsigned(self._name, self._key.public_key(), self._name, NOW + DAY)
        self._certificate = unsigned.add_extension(ca, critical=True).sign(
            self._key, hashes.SHA256()
        )
        self.path = folder / "authority.pem"
        self.path.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, *hosts: str, until: dt.datetime = NOW + DAY, own: bool = False) -> Certificate:
        """For these hosts; `own`: signed with its own key, as anybody could."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(hosts[0])
        issuer, signer = (subject, key) if own else (self._name, self._key)
        names: list[x509.GeneralName] = []
        for host in hosts:
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(host)))
            except ValueError:
                names.append(x509.DNSName(host))
        unsigned = _unsigned(subject, key.public_key(), issuer, until)
        certificate = unsigned.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        ).sign(signer, hashes.SHA256())
        path = self._folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return Certificate(path)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _unsigned(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    until: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 9 * DAY)
        .not_valid_after(until)
    )


class Web:
    """The server."""

    def __init__(self, certificate: Certificate | None) -> None:
        context: ssl.SSLContext | None = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.path)
        self._plays: dict[str, list[Play]] = {}
        self.requests: list[Request] = []
        self._listening = Listening(context, self._converse)
        self.port = self._listening.port

    def play(self, path: str, *plays: Play) -> str:
        """Answer a path so; its address."""
        self._plays[path] = list(plays)
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self._listening.scheme}://{host}:{self.port}{path}"

    def close(self) -> None:
        self._listening.close()

    def _converse(self, connection: socket.socket) -> None:
        request = _head(connection)
        self.requests.append(request)
        plays = self._plays.get(request.target.partition("?")[0], [missing])
        play = plays.pop(0) if len(plays) > 1 else plays[0]
        play(Talk(connection, request))


def _head(connection: socket.socket) -> Request:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError("no request")
        head += byte
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines if line)
    return Request(first.split()[1], {name.lower(): value for name, _, value in pairs})


def answer(status: str, body: bytes = b"", **headers: str) -> Play:
    """A plain answer; header names are written with _ for -. None is added."""

    def play(talk: Talk) -> None:
        talk.send(head(status, **headers), body)

    return play


def head(status: str, **headers: str) -> str:
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status}\r\n{''.join(lines)}\r\n"


def whole(body: bytes, **headers: str) -> Play:
    """The file, as any server sends it that knows nothing of ranges."""
    return answer("200 OK", body, content_length=str(len(body)), **headers)


def ranged(body: bytes, tag: str = '"v1"') -> Play:
    """The file, or the rest of it, as a good server sends it."""

    def play(talk: Talk) -> None:
        asked = talk.request.headers
        if "range" not in asked or asked.get("if-range") != tag:
            return whole(body, etag=tag)(talk)
        start = int(asked["range"].removeprefix("bytes=").removesuffix("-"))
        if start >= len(body):
            wanting = answer("416 Range Not Satisfiable", content_range=f"bytes */{len(body)}")
            return wanting(talk)
        return piece(body, start, tag)(talk)

    return play


def piece(body: bytes, start: int, tag: str = '"v1"', **headers: str) -> Play:
    """The rest of the file from a byte on, whatever was asked."""
    said = {
        "content_range": f"bytes {start}-{len(body) - 1}/{len(body)}",
        "content_length": str(len(body) - start),
        "etag": tag,
    }
    return answer("206 Partial Content", body[start:], **(said | headers))


def broken(body: bytes, after: int, tag: str = '"v1"') -> Play:
    """The file's beginning, and then the connection is gone."""

    def play(talk: Talk) -> None:
        said = {"etag": tag} if tag else {}
        talk.send(head("200 OK", content_length=str(len(body)), **said), body[:after])

    return play


missing = answer("404 Not Found", b"no such thing", content_length="13")
