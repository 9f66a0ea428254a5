"""Our sealed package, `RTNSEAL1`: a package's zip under AES-256-GCM (bytes in, bytes out).

A file is the magic, the header's length (4 bytes, little-endian), the header as JSON, then chunks
of ciphertext, each with its 16-byte tag. The construction is STREAM (Hoang and others, 2015): a
chunk's nonce is the header's prefix, the chunk's number and whether it is the last; all before the
chunks is associated data of each. The cipher's key is derived from the given one and the header's
salt (HKDF-SHA256), so one key may seal any number of packages.
"""

import io
import secrets
import struct
from collections.abc import Iterator, Mapping
from mmap import mmap
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta

from actors.package.sealed.key import KEY_BYTES, Key, SealedError

MAGIC = b"RTNSEAL1"
LENGTH = struct.Struct("<I")
TAG_BYTES = 16
SALT_BYTES = 16
PREFIX_BYTES = 7  # and 4 of the number and 1 of the last: GCM's 12
LONGEST_HEADER_BYTES = 1024
HEAD_BYTES = len(MAGIC) + LENGTH.size + LONGEST_HEADER_BYTES  # enough of a file for `inspect`
CHUNK_BYTES = 1 << 20
MOST_PLAIN_BYTES = 1 << 30

Word = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._+-]{0,63}\Z")]
Said = Annotated[str, Meta(pattern=r"\A([A-Za-z0-9][A-Za-z0-9._+-]{0,63})?\Z")]


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sealed package says of itself to those who have no key."""

    key: Word
    algorithm: Literal["AES-256-GCM-STREAM"]
    plain_bytes: Annotated[int, Meta(ge=0, le=1 << 40)]
    chunk_bytes: Annotated[int, Meta(ge=1 << 10, le=1 << 24)]
    salt: Annotated[str, Meta(pattern=rf"\A[0-9a-f]{{{2 * SALT_BYTES}}}\Z")]
    prefix: Annotated[str, Meta(pattern=rf"\A[0-9a-f]{{{2 * PREFIX_BYTES}}}\Z")]
    name: Said = ""
    version: Said = ""

    @property
    def chunks(self) -> int:
        """How many follow; of an empty package one, which is empty."""
        return max(1, -(-self.plain_bytes // self.chunk_bytes))

    def nonces(self) -> Iterator[bytes]:
        for number in range(self.chunks):
            last = number == self.chunks - 1
            yield bytes.fromhex(self.prefix) + number.to_bytes(4, "big") + bytes([last])


def is_sealed(data: bytes | mmap) -> bool:
    return data[: len(MAGIC)] == MAGIC


def seal(
    plain: bytes | mmap, key: Key, key_id: str = "", *, name: str = "", version: str = ""
) -> bytes:
    """Seal a package's zip; `name` and `version` can be read without the key."""
    salt, prefix = secrets.token_hex(SALT_BYTES), secrets.token_hex(PREFIX_BYTES)
    said = (len(plain), CHUNK_BYTES, salt, prefix, name, version)
    return seal_as(Header(key_id or key.id, "AES-256-GCM-STREAM", *said), plain, key)


def seal_as(header: Header, plain: bytes | mmap, key: Key) -> bytes:
    """As `seal`, under a header of the caller's. Its salt must never have been used with `key`."""
    if header.plain_bytes != len(plain):
        raise SealedError(f"a header for {header.plain_bytes} bytes cannot seal {len(plain)}")
    encoded = msgspec.json.encode(header)
    head = MAGIC + LENGTH.pack(len(encoded)) + encoded
    _parsed(head)
    cipher = _cipher(header, key)
    sealed = io.BytesIO()
    sealed.write(head)
    for number, nonce in enumerate(header.nonces()):
        start = number * header.chunk_bytes
        sealed.write(cipher.encrypt(nonce, plain[start : start + header.chunk_bytes], head))
    return sealed.getvalue()


def inspect(data: bytes | mmap) -> Header:
    """The header alone, of a file or its first `HEAD_BYTES`. Only opening proves it authentic."""
    return _parsed(data)[0]


def open_sealed(
    data: bytes | mmap, keys: Mapping[str, Key], most_bytes: int = MOST_PLAIN_BYTES
) -> bytes:
    """The package's zip, whole and authentic, or `SealedError`.

    `keys` by their ids. Holds the zip and `data` at once, and one chunk; a mapped file is not held.
    """
    header, head = _parsed(data)
    if header.plain_bytes > most_bytes:
        raise SealedError(
            f"the sealed package holds {header.plain_bytes} bytes, more than the "
            f"{most_bytes} that are allowed"
        )
    whole = len(head) + header.plain_bytes + header.chunks * TAG_BYTES
    if len(data) != whole:
        raise SealedError(
            f"the sealed package has {len(data)} bytes and its header says {whole}: "
            "fetch or copy it again"
        )
    if header.key not in keys:
        raise SealedError(
            f"the package is sealed with key {header.key}, which is not among the "
            f"{len(keys)} keys here: configure where it lies"
        )
    cipher = _cipher(header, keys[header.key])
    plain = io.BytesIO()
    step = header.chunk_bytes + TAG_BYTES
    for number, nonce in enumerate(header.nonces()):
        start = len(head) + number * step
        plain.write(_chunk(cipher, nonce, data[start : start + step], head))
    return plain.getvalue()


def _chunk(cipher: AESGCM, nonce: bytes, sealed: bytes, head: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, head)
    except InvalidTag:
        raise SealedError(
            "the sealed package does not open: it was damaged or changed, or its key is another "
            "one of the same name"
        ) from None


def _cipher(header: Header, key: Key) -> AESGCM:
    if len(key.reveal()) != KEY_BYTES:
        raise SealedError(
            f"key {header.key} has {len(key.reveal())} bytes, and AES-256 takes {KEY_BYTES}"
        )
    salt = bytes.fromhex(header.salt)
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, MAGIC).derive(key.reveal()))


def _parsed(data: bytes | mmap) -> tuple[Header, bytes]:
    """The header, and all bytes before the chunks."""
    if not is_sealed(data):
        raise SealedError(f"not a sealed package: it does not start with {MAGIC.decode()}")
    start = len(MAGIC) + LENGTH.size
    if len(data) < start:
        raise SealedError("the sealed package ends within its header: fetch or copy it again")
    (length,) = LENGTH.unpack(data[len(MAGIC) : start])
    if length > LONGEST_HEADER_BYTES:
        raise SealedError(
            f"the sealed package's header has {length} bytes, more than the "
            f"{LONGEST_HEADER_BYTES} that are allowed"
        )
    try:
        header = msgspec.json.decode(data[start : start + length], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):  # whose texts quote what a stranger wrote
        raise SealedError(
            "the sealed package's header is damaged, or of a Retinue that is newer than this one"
        ) from None
    return header, bytes(data[: start + length])
