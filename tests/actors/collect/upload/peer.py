"""A server for one test that takes files, checks who sends them, and misbehaves as it is told.

Each request is given to the next of `plays`, and when there are none, to what it is: a web server
that keeps what is put. A request counts as asked when all of it has come.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.listening import DEADLINE_S, Listening


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    subject: str  # of the client's certificate

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class Talk(NamedTuple):
    """A connection whose request has come."""

    connection: socket.socket
    asked: Asked

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Header names are written with _ for -."""
        said = {"content_length": str(len(body)), **headers}
        lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in said.items())
        self.send(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body)

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def hold(self) -> None:
        """Say nothing until the other side hangs up."""
        while self.connection.recv(1024):
            pass


Play = Callable[[Talk], None]


def status(code: int, body: bytes = b"", **headers: str) -> Play:
    return lambda talk: talk.answer(code, body, **headers)


def cut(_: Talk) -> None:
    """The whole body came, and then the line is gone."""


def garbage(talk: Talk) -> None:
    talk.send(b"\x00\xff this is no HTTP \r\n\r\n" * 3)


def hang(talk: Talk) -> None:
    talk.hold()


def drip(talk: Talk) -> None:
    """A byte now and then, and never all: each comes when the client is known to wait."""
    talk.send(b"HTTP/1.1 201 Created\r\nx-slow: ")
    with contextlib.suppress(OSError):
        talk.connection.settimeout(0.05)
        while True:
            try:
                if not talk.connection.recv(1):
                    return
            except TimeoutError:
                talk.send(b"a")


class Peer:
    """The server. `clients`: the authority of certificates that clients may show."""

    def __init__(
        self,
        certificate: Path | None,
        clients: Path | None = None,
        changed: threading.Condition | None = None,
    ) -> None:
        context: ssl.SSLContext | None = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            if clients:
                context.load_verify_locations(clients)
                context.verify_mode = ssl.CERT_OPTIONAL
        self.asked: list[Asked] = []
        self.plays: list[Play] = []
        self.kept: dict[str, bytes] = {}
        self.changed = changed or threading.Condition()
        self._listening = Listening(context, self._converse)
        self.host = f"127.0.0.1:{self._listening.port}"

    @property
    def url(self) -> str:
        return f"{self._listening.scheme}://{self.host}"

    def play(self, talk: Talk) -> None:
        """What it does when nothing else is asked of it."""
        self.kept[talk.asked.target] = talk.asked.body
        talk.answer(201)

    def until(self, is_so: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(is_so, DEADLINE_S), self.asked

    def until_asked(self, count: int) -> None:
        self.until(lambda: len(self.asked) >= count)

    def notify(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def close(self) -> None:
        self._listening.close()

    def _converse(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as file:
            first = file.readline().decode("latin-1").split()
            headers: dict[str, str] = {}
            while line := file.readline().decode("latin-1").strip():
                name, _, value = line.partition(": ")
                headers[name.lower()] = value
            length = int(headers.get("content-length", "0"))
            body = file.read(length)
        if not first or len(body) < length:
            raise ConnectionError("no whole request")
        asked = Asked(first[0], first[1], headers, body, _subject(connection))
        with self.changed:
            self.asked.append(asked)
            play = self.plays.pop(0) if self.plays else self.play
            self.changed.notify_all()
        play(Talk(connection, asked))
        self.notify()


def _subject(connection: socket.socket) -> str:
    shown = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else {}
    shown = shown or {}
    pairs = [pair for names in shown.get("subject", ()) for pair in names]
    return str(dict(pairs).get("commonName", ""))  # type: ignore[arg-type]
