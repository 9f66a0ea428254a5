"""Percept's format against another implementation: CBC from single blocks, HMAC from hashes."""

import hashlib
import struct
import tracemalloc

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.package.sealed.key import Key, SealedError
from actors.package.sealed.percept import HEAD_BYTES, _opened, derive, open_percept, seal_percept

TEXT = b"c2FudGEgY3J1eg=="
KEY = Key(TEXT)
DERIVED = derive(KEY)
IV = bytes(range(16))
PLAIN = b"PK\x03\x04 a model of Azure Percept, in 42 bytes"
# Written by `theirs` below, once; the format is the world's and must never drift.
FROZEN = bytes.fromhex(
    "d3c6ce9a38836869da28c04eade656b8a317287c94f66f98d7ba7eeb91e906e22a00000000000000"
    "000102030405060708090a0b0c0d0e0f421f5d6b0a64fe578ab376f6945a18c02d18a71dfe652868"
    "a57c6bf71c600224a9122b25559f7556e310e158a278e606"
)


def theirs(plain: bytes, text: bytes = TEXT, size: int | None = None) -> bytes:
    kdf = PBKDF2HMAC(SHA512(), 64, b"Microsoft Santa Cruz Secure AI Lifecycle", 100000)
    keys = kdf.derive(text)
    pad = -len(plain) % 16
    padded = plain + pad * chr(pad).encode()
    block = Cipher(AES(keys[:32]), ECB()).encryptor()  # noqa: S305 CBC is built of it, below
    previous, encrypted = IV, b""
    for start in range(0, len(padded), 16):
        mixed = bytes(a ^ b for a, b in zip(padded[start : start + 16], previous, strict=True))
        previous = block.update(mixed)
        encrypted += previous
    body = struct.pack("<Q", len(plain) if size is None else size) + IV + encrypted
    return mac(keys[32:], body) + body


def mac(key: bytes, body: bytes) -> bytes:
    """RFC 2104, section 2, for a key that is shorter than SHA-256's block of 64 bytes."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + body).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


def resealed(sealed: bytes) -> bytes:
    """With a MAC that is right for what now follows it."""
    return mac(DERIVED[1].reveal(), sealed[32:]) + sealed[32:]


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 41, 4096])
def test_what_another_writes_is_read_and_written_alike(size: int) -> None:
    plain = (PLAIN * 100)[:size]
    assert open_percept(theirs(plain), KEY) == plain
    assert seal_percept(plain, KEY, IV) == theirs(plain)


def test_the_format_stays_what_it_is() -> None:
    assert open_percept(FROZEN, KEY) == PLAIN
    assert seal_percept(PLAIN, KEY, IV) == FROZEN


@given(plain=st.binary(max_size=200), iv=st.binary(min_size=16, max_size=16))
@settings(max_examples=20, deadline=None)
def test_what_is_sealed_opens(plain: bytes, iv: bytes) -> None:
    sealed = seal_percept(plain, KEY, iv)
    assert len(sealed) == HEAD_BYTES + (len(plain) + 15) // 16 * 16
    assert open_percept(sealed, KEY) == plain


def test_no_byte_can_be_changed() -> None:
    for place in range(len(FROZEN)):
        for flip in (0x01, 0x80, 0xFF):
            changed = bytearray(FROZEN)
            changed[place] ^= flip
            with pytest.raises(SealedError, match="MAC does not match"):
                _opened(bytes(changed), *DERIVED)


@pytest.mark.parametrize("place", [0, 31, 32, 40, HEAD_BYTES, len(FROZEN) - 1])
def test_a_changed_file_is_refused_at_the_front_door_too(place: int) -> None:
    changed = bytearray(FROZEN)
    changed[place] ^= 0x10
    with pytest.raises(SealedError, match="MAC does not match"):
        open_percept(bytes(changed), KEY)


@pytest.mark.parametrize("length", range(len(FROZEN)))
def test_a_file_that_was_cut_is_refused(length: int) -> None:
    cut = FROZEN[:length]
    if length < HEAD_BYTES:
        rule = f"it has {length} bytes and the shortest has {HEAD_BYTES}"
    elif (length - HEAD_BYTES) % 16:
        rule = f"its {length - HEAD_BYTES} bytes of data are no multiple of 16"
    else:
        rule = "MAC does not match"
    with pytest.raises(SealedError, match=rule):
        open_percept(cut, KEY)


def test_a_cut_file_with_a_right_mac_is_refused_for_its_size() -> None:
    with pytest.raises(SealedError, match=r"says it holds 42 bytes, but has only 32"):
        open_percept(resealed(FROZEN[:-16]), KEY)


@pytest.mark.parametrize("size", [49, 1 << 40, (1 << 63) - 1, (1 << 64) - 1, (1 << 64) - 42])
def test_a_size_that_is_too_large_or_negative_is_refused(size: int) -> None:
    with pytest.raises(SealedError, match=f"says it holds {size} bytes, but has only 48"):
        open_percept(theirs(PLAIN, size=size), KEY)


def test_a_size_that_is_smaller_cuts_as_it_always_did() -> None:
    assert open_percept(theirs(PLAIN, size=9), KEY) == PLAIN[:9]
    assert open_percept(theirs(PLAIN, size=0), KEY) == b""


def test_the_mac_comes_before_everything_that_it_covers() -> None:
    lying = bytearray(theirs(PLAIN, size=1 << 40))
    lying[0] ^= 1
    with pytest.raises(SealedError, match="MAC does not match"):
        open_percept(bytes(lying), KEY)


def test_another_key_text_does_not_open_it() -> None:
    with pytest.raises(SealedError, match="this is not its key text"):
        open_percept(FROZEN, Key(TEXT + b"\n"))


@pytest.mark.parametrize("length", [0, 15, 17])
def test_an_initialisation_vector_has_16_bytes(length: int) -> None:
    with pytest.raises(SealedError, match=f"has 16 bytes, not {length}"):
        seal_percept(PLAIN, KEY, bytes(length))


def test_opening_takes_the_plain_bytes_once() -> None:
    size = 32 << 20
    sealed = seal_percept(bytes(size), KEY, IV)
    tracemalloc.start()
    plain = open_percept(sealed, KEY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(plain) == size
    assert peak < size * 5 / 4
