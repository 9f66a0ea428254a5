"""Azure Percept's protected models (the format of its `sczpy` 0.0.7): bytes in, bytes out.

A file is a 32-byte HMAC-SHA256 over all that follows, the plain size as 8 bytes little-endian,
a 16-byte initialisation vector, and AES-256-CBC data that is cut to the plain size. Both keys come
from the server's key text by PBKDF2. Nothing is decrypted before the HMAC was found right.
"""

import hashlib
import hmac
import io
from mmap import mmap
from struct import Struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from actors.package.sealed.key import Key, SealedError

SALT = b"Microsoft Santa Cruz Secure AI Lifecycle"
ROUNDS = 100_000
MAC_BYTES = 32
BLOCK_BYTES = 16
STEP_BYTES = 1 << 20
SIZE_AND_IV = Struct(f"<Q{BLOCK_BYTES}s")
HEAD_BYTES = MAC_BYTES + SIZE_AND_IV.size


def open_percept(data: bytes | mmap, key_text: Key) -> bytes:
    """The plain bytes, or `SealedError`. Holds them and `data` at once, nothing more."""
    if len(data) < HEAD_BYTES:
        raise SealedError(
            f"not a model protected for Azure Percept: it has {len(data)} bytes and the shortest "
            f"has {HEAD_BYTES}"
        )
    rest = len(data) - HEAD_BYTES
    if rest % BLOCK_BYTES:
        raise SealedError(
            f"not a whole model protected for Azure Percept: its {rest} bytes of data are no "
            f"multiple of {BLOCK_BYTES}; fetch it again"
        )
    return _opened(data, *derive(key_text))


def seal_percept(plain: bytes, key_text: Key, iv: bytes) -> bytes:
    """As the server's own tool writes it. `iv` is 16 random bytes, never used twice with a key."""
    if len(iv) != BLOCK_BYTES:
        raise SealedError(f"an initialisation vector has {BLOCK_BYTES} bytes, not {len(iv)}")
    aes, mac = derive(key_text)
    missing = -len(plain) % BLOCK_BYTES
    encryptor = Cipher(AES256(aes.reveal()), CBC(iv)).encryptor()
    body = SIZE_AND_IV.pack(len(plain), iv) + encryptor.update(plain)
    body += encryptor.update(bytes([missing]) * missing) + encryptor.finalize()
    return hmac.digest(mac.reveal(), body, "sha256") + body


def derive(key_text: Key) -> tuple[Key, Key]:
    """The AES key and the MAC key. Takes some 50 ms, as it is meant to."""
    both = hashlib.pbkdf2_hmac("sha512", key_text.reveal(), SALT, ROUNDS, 64)
    return Key(both[:32]), Key(both[32:])


def _opened(data: bytes | mmap, aes: Key, mac: Key) -> bytes:
    found = hmac.new(mac.reveal(), digestmod="sha256")
    for start in range(MAC_BYTES, len(data), STEP_BYTES):
        found.update(data[start : start + STEP_BYTES])
    if not hmac.compare_digest(found.digest(), data[:MAC_BYTES]):
        raise SealedError(
            "the protected model's MAC does not match: it is damaged, or this is not its key text"
        )
    size, iv = SIZE_AND_IV.unpack(data[MAC_BYTES:HEAD_BYTES])
    if size > len(data) - HEAD_BYTES:  # one that was negative to its writer is larger still
        raise SealedError(
            f"the protected model says it holds {size} bytes, but has only "
            f"{len(data) - HEAD_BYTES}: whoever made it has to make it again"
        )
    decryptor = Cipher(AES256(aes.reveal()), CBC(iv)).decryptor()
    plain = io.BytesIO()
    for start in range(HEAD_BYTES, len(data), STEP_BYTES):
        plain.write(decryptor.update(data[start : start + STEP_BYTES]))
    plain.truncate(size)
    return plain.getvalue()
