"""Who signed a package, and what of it a signature covers."""

import base64
import os
import tracemalloc
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from actors.package import PackageError
from actors.package.files import Folder, Memory
from actors.package.signature import Policy, check, key_id, sign

# RFC 8032, section 7.1, test 2
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
MESSAGE = bytes.fromhex("72")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
KEY = Ed25519PrivateKey.from_private_bytes(SECRET)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
TRUSTED = (OTHER.public_key(), KEY.public_key())
MANIFEST = b'name = "street"\nmodel = "m.xml"\n'
ALL: tuple[Policy, ...] = ("required", "if-present", "off")


def package(signature: bytes | None, manifest: bytes = MANIFEST) -> Memory:
    contents = {"manifest.toml": manifest, "m.xml": b""}
    return Memory(contents | ({} if signature is None else {"manifest.sig": signature}), "x.zip")


def refused(files: Memory, policy: Policy, says: str) -> None:
    with pytest.raises(PackageError) as caught:
        check(files, policy, TRUSTED)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_signature_is_ed25519_and_its_key_is_named_by_its_hash() -> None:
    assert key_id(KEY.public_key()) == "39f713d0a644253f"
    assert sign(MESSAGE, KEY) == b"39f713d0a644253f %b\n" % base64.b64encode(SIGNATURE)
    assert KEY.public_key().public_bytes_raw() == PUBLIC


@pytest.mark.parametrize("policy", ["required", "if-present"])
def test_a_trusted_key_is_known_by_its_id(policy: Policy) -> None:
    signed = package(sign(MANIFEST, KEY))
    assert check(signed, policy, TRUSTED) == key_id(KEY.public_key())
    assert check(package(sign(MANIFEST, KEY).rstrip()), policy, TRUSTED)


@pytest.mark.parametrize("policy", ["required", "if-present"])
def test_a_key_that_nobody_trusts_vouches_for_nothing(policy: Policy) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"1")
    known = ", ".join(key_id(key) for key in TRUSTED)
    refused(
        package(sign(MANIFEST, stranger)),
        policy,
        f"x.zip/manifest.sig: key {key_id(stranger.public_key())} is not trusted; trusted: {known}",
    )
    with pytest.raises(PackageError, match="trusted: none is"):
        check(package(sign(MANIFEST, KEY)), policy, ())


def test_what_is_not_signed_passes_unless_a_signature_is_required() -> None:
    bare = Memory({"config.json": b"{}"}, "percept.zip")
    for policy in ("if-present", "off"):
        assert check(package(None), policy, TRUSTED) == ""
        assert check(bare, policy, TRUSTED) == ""
    refused(package(None), "required", "x.zip: is not signed, and a signature is required")
    refused(bare, "required", "percept.zip: has no manifest.toml, so nobody can have signed it")
    alone = Memory({"config.json": b"{}", "manifest.sig": sign(MANIFEST, KEY)}, "percept.zip")
    refused(alone, "required", "has no manifest.toml")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"39f713d0a644253f\n",
        sign(MANIFEST, KEY) + b"\n",
        sign(MANIFEST, KEY) * 2,
        sign(MANIFEST, KEY).upper(),
        b" " + sign(MANIFEST, KEY),
        sign(MANIFEST, KEY).replace(b" ", b"\t"),
        sign(MANIFEST, KEY).replace(b"==", b"=="[:1]),
        b"39f713d0a644253f " + b"A" * 85 + b"B==",  # a spare bit is set
        b"x" * 100_000,
        b"\xff" * 106,
    ],
)
def test_what_is_no_line_of_a_signature_is_refused_unless_nobody_looks(line: bytes) -> None:
    for policy in ("required", "if-present"):
        refused(package(line), policy, "is no line of a key id, a space and a signature in base64")
    assert check(package(line), "off", TRUSTED) == ""


def test_of_a_huge_signature_little_is_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_bytes(MANIFEST)
    (tmp_path / "manifest.sig").touch()
    os.truncate(tmp_path / "manifest.sig", 1 << 26)  # a hole
    tracemalloc.start()
    try:
        with pytest.raises(PackageError, match="is no line of a key id"):
            check(Folder(tmp_path), "required", TRUSTED)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 1 << 20


def test_another_trusted_key_did_not_sign_it() -> None:
    """The id is a name, no proof."""
    _, signature = sign(MANIFEST, OTHER).split()
    line = key_id(KEY.public_key()).encode() + b" " + signature
    refused(package(line), "required", "is no signature of manifest.toml by key 39f713d0a644253f")


@given(st.integers(0, len(MANIFEST) * 8 - 1))
def test_any_changed_bit_of_the_manifest_is_found(bit: int) -> None:
    changed = bytearray(MANIFEST)
    changed[bit // 8] ^= 1 << bit % 8
    refused(package(sign(MANIFEST, KEY), bytes(changed)), "if-present", "one of them was changed")


@given(st.integers(0, 64 * 8 - 1))
def test_any_changed_bit_of_the_signature_is_found(bit: int) -> None:
    signer, signature = sign(MANIFEST, KEY).split()
    changed = bytearray(base64.b64decode(signature))
    changed[bit // 8] ^= 1 << bit % 8
    line = signer + b" " + base64.b64encode(changed)
    refused(package(line), "if-present", "one of them was changed")
