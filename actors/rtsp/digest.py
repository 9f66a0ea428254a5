"""Digest authentication, RFC 2617 (MD5) and RFC 7616 (SHA-256).

Both are offered with one nonce and without `qop`. SHA-256 comes first, as stronger; clients that
read only the first offer and know only MD5 answer with MD5 all the same, and those that keep the
last one find what they know there. A client that sends `qop` is checked with it.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from actors.rtsp.users import Users

REALM = "Retinue"
NONCE_LIFE_NS = 300 * 1_000_000_000
ALGORITHMS = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}

_PARAMETER = re.compile(r'([a-zA-Z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')

Verdict = Literal["welcome", "stale", "refused"]


class Credentials(NamedTuple):
    """An `Authorization: Digest` header's parameters."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str = ""
    nc: str = ""
    cnonce: str = ""


def parse(authorization: str) -> Credentials:
    """Read the header's value; `ValueError` unless it is Digest with all it needs."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "digest":
        raise ValueError("only Digest is offered")
    found = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
        for name, quoted, plain in _PARAMETER.findall(rest)
    }
    try:
        return Credentials(**{key: found[key] for key in Credentials._fields if key in found})
    except TypeError:
        raise ValueError("Digest lacks username, realm, nonce, uri or response") from None


def response(given: Credentials, password: str, method: str) -> str:
    """What `response` must be, RFC 7616 section 3.4.1. `KeyError` for an unknown algorithm."""
    algorithm = ALGORITHMS[given.algorithm.upper()]

    def digest(text: str) -> str:
        return algorithm(text.encode()).hexdigest()

    user = digest(f"{given.username}:{given.realm}:{password}")
    request = digest(f"{method}:{given.uri}")
    if not given.qop:
        return digest(f"{user}:{given.nonce}:{request}")
    counted = f"{given.nonce}:{given.nc}:{given.cnonce}:{given.qop}"
    return digest(f"{user}:{counted}:{request}")


class Gate:
    """Who may ask. Without users everyone; the passwords stay in here."""

    def __init__(self, users: Users, secret: bytes) -> None:
        self._users, self._secret = users, secret

    @property
    def open(self) -> bool:
        return not self._users

    def challenges(self, now_ns: int, *, stale: bool = False) -> list[str]:
        """Values of the `WWW-Authenticate` headers."""
        nonce = self._nonce(now_ns)
        suffix = ", stale=true" if stale else ""
        return [
            f'Digest realm="{REALM}", nonce="{nonce}", algorithm={name}{suffix}'
            for name in ALGORITHMS
        ]

    def check(
        self,
        authorization: str | None,
        method: str,
        now_ns: int,
        *,
        same: Callable[[str], bool],
        known_nonce: str = "",
    ) -> tuple[Verdict, str]:
        """The verdict, and the nonce that was good.

        `same` says whether the digest's URI is of the resource asked for. `known_nonce` has
        been good on this connection before, and stays so: some clients cannot take a new one.
        """
        try:
            given = parse(authorization or "")
            password = self._users.password(given.username)
            wanted = response(given, password or "", method)
        except (ValueError, KeyError):
            return "refused", ""
        right = hmac.compare_digest(wanted.encode(), given.response.lower().encode())
        listed = password is not None and given.realm == REALM
        ours = self._issued_ns(given.nonce)
        if not (right and listed and same(given.uri)) or ours is None:
            return "refused", ""
        fresh = given.nonce == known_nonce or 0 <= now_ns - ours <= NONCE_LIFE_NS
        return ("welcome", given.nonce) if fresh else ("stale", "")

    def _nonce(self, issued_ns: int) -> str:
        issued = f"{issued_ns:x}"
        seal = hmac.new(self._secret, issued.encode(), hashlib.sha256).hexdigest()[:32]
        return f"{issued}-{seal}"

    def _issued_ns(self, nonce: str) -> int | None:
        """When we issued it; None if we did not."""
        issued = nonce.partition("-")[0]
        if not re.fullmatch(r"[0-9a-f]{1,16}", issued):
            return None
        issued_ns = int(issued, 16)
        ours = hmac.compare_digest(self._nonce(issued_ns).encode(), nonce.encode())
        return issued_ns if ours else None
