"""Percept's model server, Microsoft's login and a key vault in one HTTPS server of a test.

It implements what the real ones are asked, and misbehaves where a test says so: `plays` has, for
a path, what to send instead of an answer.
"""

import json
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from actors.models.scz import ModelServer
from actors.models.scz_exchange import Network, SczError, SczUnreachable
from actors.models.scz_vault import Azure
from actors.package.sealed.key import Key
from actors.package.sealed.percept import seal_percept
from tests.actors.models.web import Authority, Certificate

DEADLINE_S = 20
TENANT, CLIENT = "contoso.example", "11111111-2222-3333-4444-555555555555"
# Each secret has the same word in it, so that one search finds any that is shown.
CLIENT_SECRET = "cl13nt~s3cr3t.of+the/principal"  # noqa: S105 of no real service
VAULT_TOKEN = "vault-t0ken.s3cr3t-aaaa.bbbb"  # noqa: S105 nor this
PASSWORD = 'b00tstrap "s3cr3t" key'  # noqa: S105 nor this
KEY_TEXT = b"k3y-t3xt s3cr3t=="
SAS = "sv=2021-06-08&sig=s3cr3t%2Fsignature"
WHICH = ("people", "1.0")
PLAIN = b"PK\x03\x04 the model"
SEALED = seal_percept(PLAIN, Key(KEY_TEXT), bytes(range(16)))
API = "/api/v1"
ENTRA = f"/entra/{TENANT}/oauth2/v2.0/token"
VAULT = "/vaults/contoso-kv/secrets/bootstrap-key"
BOOT, LOGIN = f"{API}/bootstrap", f"{API}/login"
KEYS, MODELS = f"{API}/keys/people/1.0", f"{API}/models/people/1.0"
STEPS = [BOOT, ENTRA, VAULT, LOGIN, KEYS, MODELS]
ECHO = b"acc3ss.s3cr3t.0"  # servers may quote what they were sent
Connect = Callable[..., ModelServer]
Play = Callable[["Conversation"], None]


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    query: str
    token: str
    body: bytes
    kind: str

    @property
    def parts(self) -> dict[str, tuple[str, bytes]]:
        """A multipart form: name to file name and contents."""
        message = message_from_bytes(f"Content-Type: {self.kind}\r\n\r\n".encode() + self.body)
        found = {}
        for part in message.get_payload():
            assert not isinstance(part, str)
            name = str(part.get_param("name", header="Content-Disposition"))
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            found[name] = (part.get_filename() or "", data)
        return found


class ModelService(ThreadingHTTPServer):
    """The state of all three services."""

    daemon_threads = False  # closing waits for each conversation to end

    def __init__(self, certificate: Certificate) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.path)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"https://localhost:{self.server_port}"
        self.plays: dict[str, Play] = {}
        self.asked: list[Asked] = []
        self.tokens: list[str] = []  # those that were given; the last is good
        self.spent: set[str] = set()
        self.models: dict[str, bytes] = {}
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, as they should here."""

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def logins(self) -> int:
        return self.paths().count("/api/v1/login")

    @property
    def azure(self) -> Azure:
        return Azure(
            TENANT,
            CLIENT,
            Key(CLIENT_SECRET.encode()),
            authority=f"{self.url}/entra",
            vault=f"{self.url}/vaults/{{vault}}",
        )


class Conversation(BaseHTTPRequestHandler):
    """One request."""

    server: ModelService
    protocol_version = "HTTP/1.1"
    timeout = DEADLINE_S

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        kind = self.headers.get("Content-Type", "")
        asked = Asked(self.command, url.path, url.query, token, body, kind)
        self.server.asked.append(asked)
        if url.path in self.server.plays:
            self.close_connection = True
            self.server.plays[url.path](self)
        else:
            self._answer(asked)

    def _answer(self, asked: Asked) -> None:
        match asked.method, asked.path.split("/")[1:]:
            case "POST", ["entra", tenant, "oauth2", "v2.0", "token"]:
                self._entra(tenant, asked)
            case "GET", ["vaults", "contoso-kv", "secrets", "bootstrap-key"]:
                good = asked.token == VAULT_TOKEN and asked.query == "api-version=7.4"
                self.json({"value": PASSWORD, "id": "x"} if good else {}, 200 if good else 403)
            case "GET", ["api", "v1", "bootstrap"]:
                self.json({"kv": "contoso-kv", "key": "bootstrap-key"})
            case "POST", ["api", "v1", "login"]:
                self._login(asked)
            case method, ["api", "v1", what, name, version]:
                if asked.token in self.server.tokens[-1:] and asked.token not in self.server.spent:
                    self._granted(method, what, f"{name}/{version}", asked)
                else:
                    self.json({"msg": f"Bad token {asked.token}"}, 401)
            case _:
                self.json({}, 404)

    def _entra(self, tenant: str, asked: Asked) -> None:
        wanted = {
            "grant_type": ["client_credentials"],
            "client_id": [CLIENT],
            "client_secret": [CLIENT_SECRET],
            "scope": ["https://vault.azure.net/.default"],
        }
        if tenant == TENANT and parse_qs(asked.body.decode()) == wanted:
            self.json({"token_type": "Bearer", "expires_in": 3599, "access_token": VAULT_TOKEN})
            return
        said = f"AADSTS7000215: Invalid client secret provided: {asked.body.decode()}"
        self.json({"error": "invalid_client", "error_description": said}, 401)

    def _login(self, asked: Asked) -> None:
        if json.loads(asked.body) != {"CLIENT_SECRET": PASSWORD, "CLIENT_ID": "TBD"}:
            self.json({"msg": "Bad credentials"}, 401)
            return
        self.server.tokens.append(f"acc3ss.s3cr3t.{len(self.server.tokens)}")
        self.json({"access_token": self.server.tokens[-1]})

    def _granted(self, method: str, what: str, which: str, asked: Asked) -> None:
        models = self.server.models
        if method == "POST" and what == "models":
            models[which] = asked.parts["file"][1]
        if (method, what) == ("GET", "keys"):
            self.send(200, KEY_TEXT)
        elif (method, what) == ("GET", "models"):
            self.send(200 if which in models else 404, models.get(which, b"none"))
        elif method == "POST" and what in {"models", "data", "registry"}:
            self.send(201, b"done")
        else:
            self.json({}, 405)

    def json(self, value: object, status: int = 200) -> None:
        self.send(status, json.dumps(value).encode())

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's name
        """Say nothing on standard error."""


@contextmanager
def serving(certificate: Certificate) -> Iterator[ModelService]:
    with ModelService(certificate) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.over.set()
            service.shutdown()
            thread.join()


def trusting(authority: Authority, **more: float) -> Network:
    return Network(ca_file=str(authority.path), **({"stall_s": DEADLINE_S} | more))  # type: ignore[arg-type]


def sending(status: int, body: bytes = b"", **headers: str) -> Play:
    return lambda talk: talk.send(status, body, **headers)


def raw(*parts: bytes) -> Play:
    """Bytes as they are, and then the connection ends."""

    def play(talk: Conversation) -> None:
        talk.wfile.write(b"".join(parts))

    return play


def hanging(talk: Conversation) -> None:
    talk.server.over.wait(20)


def dripping(begin: bytes) -> Play:
    """One byte after the other, each soon enough, and for ever."""

    def play(talk: Conversation) -> None:
        talk.wfile.write(begin)
        while not talk.server.over.wait(0.002):
            talk.wfile.write(b"x")

    return play


def fetched(models: ModelServer) -> None:
    models.key_text(*WHICH)
    models.model(*WHICH)


def refused(said: list[str], call: Callable[..., object], *args: object) -> str:
    """The one sentence of a refusal for good, with all that hangs on it kept for the search."""
    return _fault(SczError, said, call, *args)


def unreachable(said: list[str], call: Callable[..., object], *args: object) -> str:
    """As `refused`, for what time may mend."""
    return _fault(SczUnreachable, said, call, *args)


def _fault(
    outcome: type[SczError], said: list[str], call: Callable[..., object], *args: object
) -> str:
    with pytest.raises(SczError) as caught:
        call(*args)
    assert type(caught.value) is outcome
    link: BaseException | None = caught.value
    while link:
        said.append(f"{link!r} {link.args} {vars(link)}")
        link = link.__cause__ or link.__context__
    said += traceback.format_exception_only(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)
