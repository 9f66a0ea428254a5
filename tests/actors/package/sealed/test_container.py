"""Our container against another implementation: GCM from `Cipher`, HKDF from HMAC (RFC 5869)."""

import hmac
import json
import mmap
import os
import tracemalloc
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.package.sealed.container import (
    HEAD_BYTES,
    MAGIC,
    Header,
    inspect,
    is_sealed,
    open_sealed,
    seal,
    seal_as,
)
from actors.package.sealed.key import Key, SealedError

KEY = Key(bytes(range(32)))
KEYS = {KEY.id: KEY}
HEADER = Header(
    key=KEY.id,
    algorithm="AES-256-GCM-STREAM",
    plain_bytes=2500,
    chunk_bytes=1024,
    salt="00112233445566778899aabbccddeeff",
    prefix="a0a1a2a3a4a5a6",
    name="street",
    version="3",
)
PLAIN = bytes(number * 7 % 251 for number in range(2500))  # three chunks, the last not full
SMALL = Header(KEY.id, "AES-256-GCM-STREAM", 5, 1024, "0f" * 16, "01" * 7, "street", "3")
# Written by `theirs` below, once, of b"hello" under SMALL: the format must never drift.
FROZEN = bytes.fromhex(
    "52544e5345414c31c00000007b226b6579223a2236333064636432393636633433333636222c2261"
    "6c676f726974686d223a224145532d3235362d47434d2d53545245414d222c22706c61696e5f6279"
    "746573223a352c226368756e6b5f6279746573223a313032342c2273616c74223a22306630663066"
    "3066306630663066306630663066306630663066306630663066222c22707265666978223a223031"
    "303130313031303130313031222c226e616d65223a22737472656574222c2276657273696f6e223a"
    "2233227dd1f06c62af1e7b467b293fcb6c0079dcc0c3f0f84f"
)


def theirs(fields: dict[str, object], plain: bytes, key: bytes = KEY.reveal()) -> bytes:
    text = json.dumps(fields, separators=(",", ":")).encode()
    head = b"RTNSEAL1" + len(text).to_bytes(4, "little") + text
    extracted = hmac.digest(bytes.fromhex(str(fields["salt"])), key, "sha256")
    derived = hmac.digest(extracted, b"RTNSEAL1\x01", "sha256")
    size = int(str(fields["chunk_bytes"]))
    pieces = [plain[at : at + size] for at in range(0, len(plain), size)] or [b""]
    sealed = head
    for number, piece in enumerate(pieces):
        last = b"\1" if piece is pieces[-1] else b"\0"
        nonce = bytes.fromhex(str(fields["prefix"])) + number.to_bytes(4, "big") + last
        encryptor = Cipher(AES(derived), GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(head)
        sealed += encryptor.update(piece) + encryptor.finalize() + encryptor.tag
    return sealed


def fields(header: Header) -> dict[str, object]:
    return {name: getattr(header, name) for name in header.__struct_fields__}


def taken_apart(sealed: bytes) -> tuple[bytes, list[bytes]]:
    """The head and the chunks of a package that was sealed under HEADER."""
    end = 12 + int.from_bytes(sealed[8:12], "little")
    return sealed[:end], [sealed[at : at + 1040] for at in range(end, len(sealed), 1040)]


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 2048, 2500])
def test_what_another_writes_is_read_and_written_alike(size: int) -> None:
    plain = PLAIN[:size]
    said = fields(HEADER) | {"plain_bytes": size}
    assert open_sealed(theirs(said, plain), KEYS) == plain
    assert seal_as(Header(**said), plain, KEY) == theirs(said, plain)  # type: ignore[arg-type]


def test_the_format_stays_what_it_is() -> None:
    assert open_sealed(FROZEN, KEYS) == b"hello"
    assert seal_as(SMALL, b"hello", KEY) == FROZEN
    assert inspect(FROZEN) == SMALL


@given(
    plain=st.binary(max_size=5000),
    secret=st.binary(min_size=32, max_size=32),
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}", fullmatch=True) | st.just(""),
)
@settings(deadline=None)
def test_what_is_sealed_opens(plain: bytes, secret: bytes, name: str) -> None:
    key = Key(secret)
    sealed = seal(plain, key, name=name, version=name)
    header = inspect(sealed)
    assert (header.key, header.name, header.version) == (key.id, name, name)
    assert header.plain_bytes == len(plain)
    assert open_sealed(sealed, {key.id: key}) == plain


@given(plain=st.binary(min_size=1, max_size=9000), chunk=st.integers(1024, 4096))
@settings(deadline=None)
def test_chunks_of_any_size_open(plain: bytes, chunk: int) -> None:
    said = fields(HEADER) | {"plain_bytes": len(plain), "chunk_bytes": chunk}
    sealed = seal_as(Header(**said), plain, KEY)  # type: ignore[arg-type]
    assert open_sealed(sealed, KEYS) == plain


def test_a_named_key_is_found_by_its_name() -> None:
    sealed = seal(PLAIN, KEY, "plant-7")
    assert inspect(sealed).key == "plant-7"
    assert open_sealed(sealed, {"plant-7": KEY}) == PLAIN
    with pytest.raises(SealedError, match="sealed with key plant-7, which is not among the 1"):
        open_sealed(sealed, KEYS)


def test_no_two_seals_are_alike() -> None:
    one, two = seal(PLAIN, KEY), seal(PLAIN, KEY)
    assert inspect(one).salt != inspect(two).salt
    assert one[-100:] != two[-100:]


def test_no_byte_can_be_changed() -> None:
    sealed = theirs(fields(HEADER), PLAIN)
    for place in range(len(sealed)):
        for flip in (0x01, 0x80) if place > 400 else (0x01, 0x02, 0x10, 0x20, 0x80, 0xFF):
            changed = bytearray(sealed)
            changed[place] ^= flip
            with pytest.raises(SealedError):
                open_sealed(bytes(changed), KEYS)


def test_a_package_that_was_cut_is_refused_wherever_it_was_cut() -> None:
    sealed = theirs(fields(HEADER), PLAIN)
    for length in range(len(sealed)):
        with pytest.raises(SealedError):
            open_sealed(sealed[:length], KEYS)


@pytest.mark.parametrize("more", [b"\0", b"x" * 16, b"x" * 1040])
def test_a_package_that_was_lengthened_is_refused(more: bytes) -> None:
    with pytest.raises(SealedError, match="fetch or copy it again"):
        open_sealed(theirs(fields(HEADER), PLAIN) + more, KEYS)


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 0, 2), (1, 1, 2), (0, 1, 1)])
def test_chunks_keep_their_places(order: tuple[int, ...]) -> None:
    head, chunks = taken_apart(theirs(fields(HEADER), PLAIN))
    moved = head + b"".join(chunks[number] for number in order)
    moved = moved.ljust(len(head) + len(PLAIN) + 48, b"\0")[: len(head) + len(PLAIN) + 48]
    with pytest.raises(SealedError, match="does not open"):
        open_sealed(moved, KEYS)


def test_chunks_of_two_packages_do_not_mix() -> None:
    other = fields(HEADER) | {"salt": "ff" * 16}
    head, mine = taken_apart(theirs(fields(HEADER), PLAIN))
    _, others = taken_apart(theirs(other, PLAIN))
    with pytest.raises(SealedError, match="does not open"):
        open_sealed(head + mine[0] + others[1] + mine[2], KEYS)


def test_a_full_chunk_in_the_middle_cannot_end_a_package() -> None:
    """What STREAM's last flag is for: even a header that says so does not help."""
    head, chunks = taken_apart(theirs(fields(HEADER), PLAIN))
    shorter = head.replace(b'"plain_bytes":2500', b'"plain_bytes":2048')
    with pytest.raises(SealedError, match="does not open"):
        open_sealed(shorter + chunks[0] + chunks[1], KEYS)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b'"name":"street"', b'"name":"people"'),
        (b'"version":"3"', b'"version":"4"'),
        (b'"prefix":"a0', b'"prefix":"a1'),
        (b'"salt":"00', b'"salt":"10'),
        (b'{"key"', b'{ "key"'),
    ],
)
def test_a_header_that_was_changed_is_refused(said: bytes, instead: bytes) -> None:
    head, chunks = taken_apart(theirs(fields(HEADER), PLAIN))
    text = head[12:].replace(said, instead)
    assert text != head[12:]
    changed = head[:8] + len(text).to_bytes(4, "little") + text
    with pytest.raises(SealedError, match="does not open"):
        open_sealed(changed + b"".join(chunks), KEYS)


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "AES-256-GCM"},
        {"chunk_bytes": 0},
        {"chunk_bytes": -1},
        {"chunk_bytes": (1 << 24) + 1},
        {"plain_bytes": -1},
        {"plain_bytes": 1 << 50},
        {"plain_bytes": 2500.5},
        {"salt": "00"},
        {"salt": "0" * 31 + "G"},
        {"prefix": "a0a1a2a3a4a5a6a7"},
        {"key": ""},
        {"key": "../../etc"},
        {"name": "a\x1b[31mb"},
        {"name": "a\n"},
        {"more": 1},
    ],
)
def test_a_header_that_breaks_a_rule_is_refused(change: dict[str, object]) -> None:
    said = {**fields(HEADER), **change}
    text = json.dumps(said).encode()
    with pytest.raises(SealedError, match="header is damaged, or of a Retinue that is newer"):
        inspect(b"RTNSEAL1" + len(text).to_bytes(4, "little") + text)


@given(rubbish=st.binary(max_size=200))
def test_rubbish_is_no_header(rubbish: bytes) -> None:
    for data in (rubbish, MAGIC + rubbish, MAGIC + len(rubbish).to_bytes(4, "little") + rubbish):
        with pytest.raises(SealedError):
            inspect(data)


def test_a_header_ends_somewhere() -> None:
    with pytest.raises(SealedError, match=r"header has 4294967295 bytes, more than the 1024"):
        inspect(MAGIC + b"\xff" * 4 + b" " * 4096)
    with pytest.raises(SealedError, match="ends within its header"):
        inspect(MAGIC + b"\x01")


def test_limits_come_before_memory_and_keys() -> None:
    said = fields(HEADER) | {"plain_bytes": 1 << 39, "chunk_bytes": 1 << 24}
    sealed = theirs(said, PLAIN)
    tracemalloc.start()
    with pytest.raises(SealedError, match=f"holds {1 << 39} bytes, more than the {1 << 30}"):
        open_sealed(sealed, {})
    with pytest.raises(SealedError, match="its header says"):
        open_sealed(sealed, {}, most_bytes=1 << 40)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_limit_is_the_callers() -> None:
    sealed = seal(PLAIN, KEY)
    assert open_sealed(sealed, KEYS, most_bytes=2500) == PLAIN
    with pytest.raises(SealedError, match="holds 2500 bytes, more than the 2499"):
        open_sealed(sealed, KEYS, most_bytes=2499)


def test_another_key_of_the_same_name_does_not_open_it() -> None:
    with pytest.raises(SealedError, match="its key is another one of the same name"):
        open_sealed(seal(PLAIN, KEY, "plant"), {"plant": Key(bytes(32))})


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(SealedError, match=f"key plant has {length} bytes"):
        seal(PLAIN, Key(bytes(length)), "plant")
    with pytest.raises(SealedError, match=f"key plant has {length} bytes"):
        open_sealed(seal(PLAIN, KEY, "plant"), {"plant": Key(bytes(length))})


def test_what_could_not_be_read_is_not_written() -> None:
    with pytest.raises(SealedError, match="header is damaged"):
        seal(PLAIN, KEY, name="a name")
    with pytest.raises(SealedError, match="header is damaged"):
        seal(PLAIN, KEY, "../key")
    with pytest.raises(SealedError, match="for 5 bytes cannot seal 4"):
        seal_as(SMALL, b"hell", KEY)


def test_the_start_of_a_file_tells_what_it_is() -> None:
    sealed = seal(PLAIN, KEY, name="street", version="3")
    assert is_sealed(sealed)
    assert inspect(sealed[:HEAD_BYTES]).name == "street"
    assert not is_sealed(b"PK\x03\x04")
    with pytest.raises(SealedError, match="does not start with RTNSEAL1"):
        inspect(b"PK\x03\x04")


def test_the_plain_bytes_are_not_in_the_sealed() -> None:
    plain = os.urandom(64) * 100
    assert plain[:16] not in seal(plain, KEY)


def test_sealing_and_opening_take_the_result_once(tmp_path: Path) -> None:
    """A mapped file is not held, so opening one needs the plain bytes and one chunk."""
    size = 48 << 20
    plain = bytes(size)
    tracemalloc.start()
    sealed = seal(plain, KEY)
    _, sealing = tracemalloc.get_traced_memory()
    (tmp_path / "sealed").write_bytes(sealed)
    del sealed
    tracemalloc.reset_peak()
    with (tmp_path / "sealed").open("rb") as file, mapped(file.fileno()) as data:
        assert open_sealed(data, KEYS) == plain
    _, opening = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(sealing, opening) < size * 5 / 4


def mapped(descriptor: int) -> mmap.mmap:
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
