"""A key that never shows itself, and the one refusal of sealed packages.

`reveal` is the only way to the bytes; nothing that prints, logs, copies or pickles a key has them.
"""

import hashlib
import hmac
from typing import NoReturn

KEY_BYTES = 32


class SealedError(Exception):
    """Why something sealed, or a key, cannot be used, in one sentence that holds no secret."""


class Key:
    """Secret bytes: an AES key, or the key text of an Azure Percept model."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def reveal(self) -> bytes:
        return self._secret

    @property
    def id(self) -> str:
        """What a sealed package calls its key. Not for short texts: those could be guessed."""
        return hashlib.sha256(self._secret).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self._secret, other._secret)

    __hash__ = None  # type: ignore[assignment]  # a set of keys would compare in varying time

    def __repr__(self) -> str:
        return "Key(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is neither pickled nor copied")
