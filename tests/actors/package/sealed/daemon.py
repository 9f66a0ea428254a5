"""A security daemon of IoT Edge for tests: its workload API, and ways to misbehave."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MODULE, GENERATION = "$retinue/1", "638181868231752533"


class Daemon(ThreadingMixIn, UnixStreamServer):
    """Encrypts for a module and a generation, with a key of its own, as the real one does."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Conversation)
        self.master = AESGCM(os.urandom(32))
        self.answer: bytes | None = None  # instead of a right one
        self.hang = False
        self.over = threading.Event()
        self.asked: list[str] = []
        self.environ = {
            "IOTEDGE_WORKLOADURI": f"unix://{path}",
            "IOTEDGE_MODULEID": MODULE,
            "IOTEDGE_MODULEGENERATIONID": GENERATION,
        }


class _Conversation(BaseHTTPRequestHandler):
    server: Daemon
    answers: ClassVar = {
        "encrypt": ("plaintext", "ciphertext"),
        "decrypt": ("ciphertext", "plaintext"),
    }

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.hang:
            self.server.over.wait(30)
        elif self.server.answer is not None:
            self.wfile.write(self.server.answer)
        else:
            self._answer(said)

    def _answer(self, said: dict[str, str]) -> None:
        url = urlsplit(self.path)
        _, modules, module, genid, generation, verb = url.path.split("/")
        assert (modules, genid) == ("modules", "genid")
        assert parse_qs(url.query) == {"api-version": ["2019-01-30"]}
        given, wanted = self.answers[verb]
        cipher = self.server.master
        work = cipher.encrypt if verb == "encrypt" else cipher.decrypt
        iv = base64.b64decode(said["initializationVector"], validate=True)
        data = base64.b64decode(said[given], validate=True)
        try:
            done = work(iv, data, (unquote(module) + unquote(generation)).encode())
        except InvalidTag:
            self._send(500, {"message": "internal error"})
        else:
            self._send(200, {wanted: base64.b64encode(done).decode()})

    def _send(self, status: int, answer: dict[str, str]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "module"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's name
        """Say nothing on standard error."""


@contextmanager
def running(path: Path) -> Iterator[Daemon]:
    with Daemon(path) as daemon:
        thread = threading.Thread(target=daemon.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield daemon
        finally:
            daemon.over.set()
            daemon.shutdown()
            thread.join()
