"""The security daemon of Azure IoT Edge: it wraps a key for one module and unwraps it again.

Workload API, version 2019-01-30, over the unix socket that every module is given. The daemon ties
what it encrypts to the module's name and generation, and answers that module's processes only.
A wrapped key is a JSON file: the daemon's `ciphertext` and its `initializationVector`, in base64.
"""

import http.client
import os
import secrets
import socket
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import msgspec

from actors.package.sealed.key import Key, SealedError

API_VERSION = "2019-01-30"
SOCKET, MODULE, GENERATION = "IOTEDGE_WORKLOADURI", "IOTEDGE_MODULEID", "IOTEDGE_MODULEGENERATIONID"
IV_BYTES = 12  # what AES-GCM takes, in hardware modules too
TIMEOUT_S = 10.0  # of each step of the conversation
LONGEST_ANSWER_BYTES = 64 << 10


class Wrapped(msgspec.Struct, frozen=True, rename="camel"):
    """A wrapped key's file, which is also what `decrypt` is asked."""

    ciphertext: bytes
    initialization_vector: bytes


def wrap(key: Key, environ: Mapping[str, str] = os.environ, timeout_s: float = TIMEOUT_S) -> bytes:
    """The contents of a wrapped key's file. To be run in the module that will unwrap it."""
    iv = secrets.token_bytes(IV_BYTES)
    question = {"plaintext": key.reveal(), "initializationVector": iv}
    ciphertext = _answer("encrypt", question, environ, timeout_s)["ciphertext"]
    return msgspec.json.encode(Wrapped(ciphertext, iv))


def unwrap(
    wrapped: bytes, environ: Mapping[str, str] = os.environ, timeout_s: float = TIMEOUT_S
) -> bytes:
    """The bytes that were wrapped, or `SealedError`."""
    try:
        question = msgspec.json.decode(wrapped, type=Wrapped)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SealedError(
            "not a wrapped key, which is JSON with ciphertext and initializationVector in base64: "
            "wrap the key anew"
        ) from None
    return _answer("decrypt", question, environ, timeout_s)["plaintext"]


class _UnixConnection(http.client.HTTPConnection):
    """HTTP to a unix socket."""

    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def _answer(
    verb: str, question: object, environ: Mapping[str, str], timeout_s: float
) -> dict[str, bytes]:
    """What the daemon answers, with the one field that `verb` is answered with."""
    missing = [name for name in (SOCKET, MODULE, GENERATION) if not environ.get(name)]
    if missing:
        raise SealedError(f"{missing[0]} is not set: only modules of IoT Edge have such keys")
    address = urlsplit(environ[SOCKET])
    if address.scheme != "unix" or not address.path:
        raise SealedError(f"{SOCKET} is no unix:///… address: only IoT Edge on Linux is known")
    module, generation = (quote(environ[name], safe="") for name in (MODULE, GENERATION))
    target = f"/modules/{module}/genid/{generation}/{verb}?api-version={API_VERSION}"
    status, body = _post(_UnixConnection(address.path, timeout_s), target, question)
    if status != HTTPStatus.OK:
        raise SealedError(
            f"the security daemon answers {status} to {verb} for module {environ[MODULE]}: a key "
            "that was wrapped for another module or an earlier deployment has to be wrapped anew"
        )
    field = {"encrypt": "ciphertext", "decrypt": "plaintext"}[verb]
    try:
        answer = msgspec.json.decode(body, type=dict[str, bytes])
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = {}
    if not answer.get(field):
        raise SealedError(f"the security daemon's answer to {verb} has no {field} in it")
    return answer


def _post(connection: _UnixConnection, target: str, question: object) -> tuple[int, bytes]:
    trouble = "answers more than is allowed"
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", target, msgspec.json.encode(question), headers)
        response = connection.getresponse()
        body = response.read(LONGEST_ANSWER_BYTES + 1)
        if len(body) <= LONGEST_ANSWER_BYTES:
            return response.status, body
    except http.client.HTTPException:
        trouble = "broke off its answer"
    except OSError as error:
        trouble = f"cannot be asked: {error.strerror or error}"
    finally:
        connection.close()
    # Raised out here, so that no exception in the chain carries a piece of the answer.
    raise SealedError(f"the security daemon at {connection.path} {trouble}")
