"""Where keys lie: `file:PATH`, `env:NAME` or `edge:PATH`, each perhaps named: `plant-7=file:PATH`.

A file has 32 raw bytes, or hexadecimal or base64 text; the environment has text; `edge:` is a file
with a key that the security daemon of IoT Edge wrapped. Nothing is kept: a key that was replaced is
read anew. Who writes a key in the place of its source does not see it in a message.
"""

import base64
import os
import re
import secrets
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from actors.package.sealed.edge import unwrap
from actors.package.sealed.key import KEY_BYTES, Key, SealedError

LONGEST_FILE_BYTES = 16 << 10
NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._+-]{0,63})=(.*)", re.DOTALL)
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{64}")
BASE64 = re.compile(rb"[A-Za-z0-9+/]{43}=")
TEXT = re.compile(rb"[A-Za-z0-9+/=]*")


def read_key(source: str, environ: Mapping[str, str] = os.environ) -> Key:
    """An AES key of 32 bytes, or `SealedError`."""
    _, place = _named(source)
    shown = _shown(place)
    raw = _read(place, shown, environ)
    text = raw if len(raw) == KEY_BYTES else _without_newline(raw)
    if HEXADECIMAL.fullmatch(text):
        return Key(bytes.fromhex(text.decode()))
    if BASE64.fullmatch(text):
        return Key(base64.b64decode(text))
    # Text of 32 characters is no raw key but a short one: 16 bytes in hexadecimal, say.
    if len(text) == KEY_BYTES and not TEXT.fullmatch(text) and not place.startswith("env:"):
        return Key(text)
    raise SealedError(
        f"{shown}: its {len(text)} bytes are no key, which is {KEY_BYTES} raw bytes in a file, or "
        "64 hexadecimal digits or 44 characters of base64: make one with `openssl rand -hex 32`"
    )


def read_key_text(source: str, environ: Mapping[str, str] = os.environ) -> Key:
    """The key text of an Azure Percept model; one newline at its end is not part of it."""
    _, place = _named(source)
    shown = _shown(place)
    text = _without_newline(_read(place, shown, environ))
    if not text or not text.isascii():
        raise SealedError(f"{shown}: a model's key text is some ASCII characters, and this is not")
    return Key(text)


def find_key(key_id: str, sources: Iterable[str], environ: Mapping[str, str] = os.environ) -> Key:
    """The key of that name or id, from the first source that has it.

    A source that cannot be read matters, and is told of, only if no other has the key.
    """
    looked, troubles = 0, []
    for source in sources:
        looked += 1
        name, _ = _named(source)
        if name and name != key_id:
            continue
        try:
            key = read_key(source, environ)
        except SealedError as trouble:
            troubles.append(str(trouble))
            continue
        if name or key.id == key_id:
            return key
    told = "".join(f"; {trouble}" for trouble in troubles)
    raise SealedError(f"key {key_id}: none of the {looked} key sources that are set has it{told}")


def make_key(path: Path) -> Key:
    """A new key in a new file that only its owner may read."""
    key = Key(secrets.token_bytes(KEY_BYTES))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.reveal().hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SealedError(f"{path}: no key was made there: {error.strerror}") from error
    return key


def _named(source: str) -> tuple[str, str]:
    found = NAMED.fullmatch(source)
    return (found[1], found[2]) if found else ("", source)


def _shown(source: str) -> str:
    """The source for messages: all of it, unless it may be a key itself."""
    kind, colon, place = source.partition(":")
    if kind not in {"file", "env", "edge"} or not colon or not place:
        raise SealedError(
            "a key source is file:PATH, env:NAME or edge:PATH, and this one, not shown as it may "
            "be a key itself, is none"
        )
    suspect = place.encode(errors="surrogateescape")
    is_key = HEXADECIMAL.fullmatch(suspect) or BASE64.fullmatch(suspect)
    return f"{kind}:***" if is_key else source


def _read(source: str, shown: str, environ: Mapping[str, str]) -> bytes:
    kind, _, place = source.partition(":")
    if kind == "env":
        if not VARIABLE.fullmatch(place) or place not in environ:
            raise SealedError(f"{shown}: there is no such variable in the environment")
        return environ[place].encode(errors="surrogateescape")
    raw = _file(place, shown, secret=kind == "file")
    if kind == "file":
        return raw
    try:
        return unwrap(raw, environ)
    except SealedError as error:
        raise SealedError(f"{shown}: {error}") from error


def _file(path: str, shown: str, *, secret: bool) -> bytes:
    """A small file; if `secret`, its owner's alone. A pipe in its place is not waited for."""
    fd, fault = -1, ""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        fault = error.strerror or str(error)
    except ValueError:
        fault = "a path has no NUL in it"
    if fault:  # raised out here: the system's error names the path, which may be a key
        raise SealedError(f"{shown}: {fault}")
    try:
        status = os.fstat(fd)
        if secret:
            fault = secrecy_fault(status, os.getuid(), shown.removeprefix("file:"))
        if not stat.S_ISREG(status.st_mode):
            fault = "a key is in a regular file, and this is none"
        raw = b"" if fault else os.read(fd, LONGEST_FILE_BYTES + 1)
    finally:
        os.close(fd)
    if len(raw) > LONGEST_FILE_BYTES:
        fault = f"it has more than {LONGEST_FILE_BYTES} bytes and is no key"
    if fault:
        raise SealedError(f"{shown}: {fault}")
    return raw


def secrecy_fault(status: os.stat_result, user: int, name: str) -> str:
    """Why a file's contents are not a secret of `user`; empty if they are."""
    if status.st_uid not in {user, 0}:
        return f"it belongs to user {status.st_uid}, who may read it: chown {user} {name}"
    if status.st_mode & 0o077:
        return f"others may use it (mode {stat.S_IMODE(status.st_mode):o}): chmod 600 {name}"
    return ""


def _without_newline(raw: bytes) -> bytes:
    return raw.removesuffix(b"\n").removesuffix(b"\r")
