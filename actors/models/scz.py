"""Azure Percept's server of protected models, as its `sczpy` 0.0.7 speaks with it.

Bootstrap names a secret in a key vault; a service principal reads it; it is the password of a
login, whose token opens the rest: a model's key text, the protected model, and uploads. Here TLS
is verified and each status looked at. What comes is still sealed: to open it, in memory, is for
`actors.package.sealed.percept`.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Self, TypeVar

import httpx
from msgspec import Struct

from actors.address import masked
from actors.models.scz_exchange import (
    Answer,
    Exchange,
    Network,
    SczError,
    build,
    checked,
    read,
    read_token,
)
from actors.models.scz_vault import MOST_ANSWER_BYTES, Azure, read_secret
from actors.package.sealed.key import Key

LONGEST_KEY_TEXT_BYTES = 4096
MOST_REDIRECTS = 5
NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]{1,127}")  # a part of a path, and never .. or .
SERVER = re.compile(
    r"https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
)
REDIRECTS = {301, 302, 303, 307, 308}
NETWORK = Network()
HINTS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it does not take the token that it gave",
    HTTPStatus.FORBIDDEN: "the service principal may not do that there",
    HTTPStatus.NOT_FOUND: "it has no such model and version: register and upload it",
}
ELSEWHERE: dict[int, str] = {HTTPStatus.FORBIDDEN: "is the token in the address still valid?"}

T = TypeVar("T")


class Bootstrap(Struct, frozen=True):
    """Where the password of the login lies: a key vault, and a secret in it."""

    kv: str
    key: str


def fetch_model(
    server: str,
    name: str,
    version: str,
    azure: Azure,
    *,
    url: str = "",
    network: Network = NETWORK,
) -> tuple[bytes, Key]:
    """The sealed bytes and their key text. From `url`, if there is one, comes only the model."""
    with ModelServer(server, azure, network) as models:
        key_text = models.key_text(name, version)
        return models.download(url) if url else models.model(name, version), key_text


class ModelServer:
    """A conversation with the server; it logs in when first needed, and once more if told to."""

    def __init__(self, server: str, azure: Azure, network: Network = NETWORK) -> None:
        if not SERVER.fullmatch(server):
            raise SczError(
                f"SCZ_MM_SERVER_URL = {masked(server)!r}: the address of a server of protected "
                "models is https://HOST, without a user or a query"
            )
        self._api = f"{server.rstrip('/')}/api/v1"
        self._azure, self._network = azure, network
        self._exchange = Exchange(network)
        self._token: Key | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._exchange.close()
        self._token = None

    def key_text(self, name: str, version: str) -> Key:
        """As it was sent, to the byte: that is what the model was sealed with."""
        answer = self._granted("GET", "keys", name, version)
        text = answer.body
        if not text or not text.isascii() or len(text) > LONGEST_KEY_TEXT_BYTES:
            raise SczError(f"{answer.shown}: a key text is up to 4096 ASCII characters")
        return Key(text)

    def model(self, name: str, version: str) -> bytes:
        most_bytes = self._network.most_model_bytes
        return self._granted("GET", "models", name, version, most_bytes).body

    def download(self, url: str) -> bytes:
        """A sealed model from elsewhere. The server's token does not go there."""
        for _ in range(MOST_REDIRECTS + 1):
            if not url.lower().startswith(("https://", "http://")):
                raise SczError(
                    f"{masked(url)!r}: a model's address starts with https:// or http://"
                )
            request = build("GET", url)
            answer = self._exchange.ask(request, self._network.most_model_bytes)
            if answer.status not in REDIRECTS or "Location" not in answer.headers:
                return checked(answer, ELSEWHERE).body
            url = _redirected(request.url, answer)
        raise SczError(f"{masked(url)}: more than {MOST_REDIRECTS} redirects")

    def register(self, name: str, version: str) -> None:
        """Have the server make a key for a model that is to be protected."""
        self._granted("POST", "registry", name, version)

    def send_model(self, name: str, version: str, sealed: bytes) -> None:
        self._granted("POST", "models", name, version, files={"file": ("model", sealed)})

    def send_data(
        self, name: str, version: str, sealed: bytes, file_name: str, attributes: Mapping[str, str]
    ) -> None:
        """A sealed picture for retraining, with what is to be known about it."""
        files = {"file": (file_name, sealed)}
        self._granted("POST", "data", name, version, files=files, data=dict(attributes))

    def _granted(
        self,
        method: str,
        what: str,
        name: str,
        version: str,
        most_bytes: int = MOST_ANSWER_BYTES,
        **content: Any,
    ) -> Answer:
        """The answer to one who is logged in. A token that has run out is replaced once."""
        if not NAME.fullmatch(name) or not NAME.fullmatch(version):
            raise SczError(
                f"{name[:200]!a}, {version[:200]!a}: a protected model's name and version are of "
                "letters, digits, dots, dashes and underscores"
            )
        url = f"{self._api}/{what}/{name}/{version}"
        fresh = self._token is None
        answer = self._exchange.ask(build(method, url, self._login(), **content), most_bytes)
        if answer.status == HTTPStatus.UNAUTHORIZED and not fresh:
            self._token = None
            answer = self._exchange.ask(build(method, url, self._login(), **content), most_bytes)
        return checked(answer, HINTS)

    def _login(self) -> Key:
        if self._token is None:
            answer = self._exchange.ask(build("GET", f"{self._api}/bootstrap"), MOST_ANSWER_BYTES)
            place = _taken(answer, partial(read, as_type=Bootstrap))
            password = read_secret(self._exchange, self._azure, place.kv, place.key)
            said = {"CLIENT_SECRET": password.reveal().decode(), "CLIENT_ID": "TBD"}
            login = build("POST", f"{self._api}/login", json=said)
            self._token = _taken(self._exchange.ask(login, MOST_ANSWER_BYTES), read_token)
        return self._token


def _taken(answer: Answer, take: Callable[[Answer], T]) -> T:
    """A step of the login. Percept's other login was only ever simulated, and is not known here."""
    try:
        return take(checked(answer))
    except SczError as error:
        if b"attest" not in answer.body.lower():
            raise
        raise type(error)(
            f"{answer.shown}: wants an attestation report, and only the login of a service "
            "principal is known here: allow that on the server"
        ) from None


def _redirected(at: httpx.URL, answer: Answer) -> str:
    following = at.join(answer.headers["Location"])
    if at.scheme == "https" != following.scheme:
        raise SczError(f"{answer.shown}: redirects to what is no https, which is not followed")
    return str(following)
