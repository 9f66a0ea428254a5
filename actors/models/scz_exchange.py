"""One request and its answer over HTTPS, within bounds of bytes and time; no secret in its words.

TLS is always verified; a proxy is used as the environment says. No redirect is followed here. The
time is for all requests together: when it is over their sockets are shut, however slowly a server
drips its bytes.
"""

import io
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

import httpx
import msgspec
from msgspec import Struct

from actors.address import masked
from actors.models.exchange import address, trusting
from actors.models.remote import FetchError
from actors.package.sealed.key import Key
from actors.web.fault import is_final
from actors.web.status import named, passes

TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
MADE = (".connect_tcp.complete", ".start_tls.complete")

T = TypeVar("T", bound=Struct)


class SczError(Exception):
    """Why a protected model, its key or an upload failed, in one sentence without a secret."""


class SczUnreachable(SczError):
    """As above, but time may mend it: the line or the server failed, or it took too long."""


class Network(Struct, frozen=True):
    """Trust and patience. `ca_file`: authorities to trust beside the public ones, PEM."""

    ca_file: str = ""
    stall_s: float = 20.0  # without a byte
    longest_s: float = 900.0  # for everything that one `ModelServer` is asked
    most_model_bytes: int = 1 << 30


class Answer(NamedTuple):
    """What came; `shown` is the address as it may be shown."""

    shown: str
    status: int
    headers: httpx.Headers
    body: bytes


class Token(Struct, frozen=True):
    """What a login answers."""

    access_token: str

    def __repr__(self) -> str:
        return "Token(***)"


class Exchange:
    """The connections of one conversation."""

    def __init__(self, network: Network) -> None:
        try:
            trust = trusting(network.ca_file)
        except FetchError as error:
            raise SczError(str(error)) from error
        self._network = network
        self._client = httpx.Client(verify=trust)
        self._sockets: list[socket.socket] = []
        self._over = threading.Event()
        self._timer = threading.Timer(network.longest_s, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        self._timer.cancel()
        self._timer.join()
        self._client.close()

    def ask(self, request: httpx.Request, most_bytes: int) -> Answer:
        """Whatever the status. Of the answer no more than `most_bytes` are taken."""
        shown = masked(str(request.url))
        # A kept connection may be given up by the server just when it is used again.
        request.headers.update({"Accept-Encoding": "identity", "Connection": "close"})
        timeout = httpx.Timeout(self._network.stall_s).as_dict()
        request.extensions = {"timeout": timeout, "trace": self._made}
        answer, fault = None, ""
        outcome: type[SczError] = SczUnreachable
        try:
            with closing(self._client.send(request, stream=True)) as response:
                body, fault = _taken(response, most_bytes)
                outcome = SczError
                answer = Answer(shown, response.status_code, response.headers, body)
        except httpx.ConnectError as error:  # of the system or of TLS, which quote nothing sent
            fault = f"cannot be reached: {error}"
            outcome = SczError if _is_distrusted(error) else SczUnreachable
        except httpx.TimeoutException:
            fault = f"says nothing for {self._network.stall_s:g} s"
        except httpx.ProxyError:
            fault = "the proxy does not let it be reached"
        except httpx.HTTPError:
            fault = "breaks off its answer, or what comes is not HTTP"
        if self._over.is_set():
            fault = f"not done in the {self._network.longest_s:g} s that there are for everything"
            outcome = SczUnreachable
        # Raised out here, so that no exception in the chain carries the request with its secrets.
        if fault or answer is None:
            raise outcome(f"{shown}: {fault}")
        return answer

    def _made(self, event: str, told: Mapping[str, Any]) -> None:
        if event.endswith(MADE):
            made = told["return_value"].get_extra_info("socket")
            self._sockets.append(made)
            if self._over.is_set():
                _shut(made)

    def _cut(self) -> None:
        self._over.set()
        for made in list(self._sockets):
            _shut(made)


def _is_distrusted(error: BaseException | None) -> bool:
    """Whether the server's certificate was refused, for good."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return is_final(error)
        error = error.__cause__ or error.__context__
    return False


def _shut(made: socket.socket) -> None:
    """End a socket that another thread may be reading."""
    with suppress(OSError):  # closed long ago, or handed to TLS
        # Not `made.shutdown`: of a TLS socket that ends TLS first, and the reader reads on without.
        socket.socket.shutdown(made, socket.SHUT_RDWR)


def _taken(response: httpx.Response, most_bytes: int) -> tuple[bytes, str]:
    """The body, and what is wrong with it."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return b"", "sends an encoding that was not asked for"
    body = io.BytesIO()
    for chunk in response.iter_raw():
        if body.tell() + len(chunk) > most_bytes:
            return b"", f"sends more than the {most_bytes} bytes that are allowed"
        body.write(chunk)
    return body.getvalue(), ""


def build(method: str, url: str, token: Key | None = None, **content: Any) -> httpx.Request:
    """A request; `content` as httpx has it: json, data, files. `token` is the bearer's."""
    headers = {"Authorization": f"Bearer {token.reveal().decode()}"} if token else {}
    try:
        place = address(url)
    except FetchError as error:
        raise SczError(f"{masked(url)}: {error}") from None
    return httpx.Request(method, place, headers=headers, **content)


def checked(answer: Answer, hints: Mapping[int, str] = {}) -> Answer:
    """The answer, if its status says that what was asked was done."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer
    hint = hints.get(answer.status, "")
    outcome = SczUnreachable if passes(answer.status) else SczError
    raise outcome(f"{answer.shown}: answers {named(answer.status)}{hint and f': {hint}'}")


def read(answer: Answer, as_type: type[T]) -> T:
    """The answer's JSON; other fields than those of the type are ignored."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(answer.body, type=as_type)
    fields = ", ".join(field.name for field in msgspec.structs.fields(as_type))
    raise SczError(f"{answer.shown}: its answer is no JSON with {fields}")


def read_token(answer: Answer) -> Key:
    """The token of a login's answer, as a header may carry it."""
    token = read(answer, Token).access_token
    if not TOKEN.fullmatch(token):
        raise SczError(f"{answer.shown}: its access_token cannot be one")
    return Key(token.encode())
