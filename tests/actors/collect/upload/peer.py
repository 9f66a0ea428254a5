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

DEADLINE_S = 20


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
    """A thread that accepts, and one for each connection."""

    def __init__(
        self,
        certificate: Path | None,
        clients: Path | None = None,
        changed: threading.Condition | None = None,
    ) -> None:
        self._context: ssl.SSLContext | None = None
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
            if clients:
                self._context.load_verify_locations(clients)
                self._context.verify_mode = ssl.CERT_OPTIONAL
        self.asked: list[Asked] = []
        self.plays: list[Play] = []
        self.kept: dict[str, bytes] = {}
        self.changed = changed or threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{self.host}"

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
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(DEADLINE_S)
            assert not thread.is_alive(), "a connection is still open"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(DEADLINE_S)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        # whatever breaks off here is the client's right: it is judged by what it says then
        with contextlib.suppress(OSError), connection:
            if self._context is None:
                self._converse(connection, "")
                return
            with self._context.wrap_socket(connection, server_side=True) as wrapped:
                self._converse(wrapped, _subject(wrapped))

    def _converse(self, connection: socket.socket, subject: str) -> None:
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
        asked = Asked(first[0], first[1], headers, body, subject)
        with self.changed:
            self.asked.append(asked)
            play = self.plays.pop(0) if self.plays else self.play
            self.changed.notify_all()
        play(Talk(connection, asked))
        self.notify()


def _subject(wrapped: ssl.SSLSocket) -> str:
    shown = wrapped.getpeercert() or {}
    pairs = [pair for names in shown.get("subject", ()) for pair in names]
    return str(dict(pairs).get("commonName", ""))  # type: ignore[arg-type]
