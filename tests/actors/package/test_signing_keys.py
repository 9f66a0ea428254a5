"""Keys in files: what is taken, who may read them, and what no message shows."""

import base64
import os
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from actors.package import PackageError
from actors.package.signature import key_id
from actors.package.signing_keys import make_keys, read_private_key, read_public_key
from tests.programs import program

SECRET = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SECRET)
PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def written(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_pair_is_made_read_and_its_owners_alone(tmp_path: Path) -> None:
    private, public = tmp_path / "key", tmp_path / "key.pub"
    old = os.umask(0)
    try:
        key = make_keys(private, public)
    finally:
        os.umask(old)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(public.stat().st_mode) == 0o644
    assert read_private_key(private).private_bytes_raw() == key.private_bytes_raw()
    assert key_id(read_public_key(public)) == key_id(key.public_key())
    assert b"PRIVATE" not in public.read_bytes()


def test_no_two_pairs_are_alike(tmp_path: Path) -> None:
    ids = {
        key_id(make_keys(tmp_path / str(at), tmp_path / f"{at}.pub").public_key())
        for at in range(3)
    }
    assert len(ids) == 3


@pytest.mark.parametrize("there", ["key", "key.pub"])
def test_no_key_is_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_bytes(b"precious")
    with pytest.raises(PackageError, match=f"{there}: File exists; no key was written"):
        make_keys(tmp_path / "key", tmp_path / "key.pub")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_bytes() == b"precious"


def test_keys_of_openssl_are_taken(tmp_path: Path) -> None:
    private, public = tmp_path / "key", tmp_path / "key.pub"
    openssl = program("openssl")
    make = [openssl, "genpkey", "-algorithm", "ed25519", "-out", str(private)]
    show = [openssl, "pkey", "-in", str(private), "-pubout", "-out", str(public)]
    for command in (make, show):
        subprocess.run(command, check=True, capture_output=True, timeout=20)
    private.chmod(0o600)
    assert key_id(read_public_key(public)) == key_id(read_private_key(private).public_key())


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_32_bytes_in_base64_are_a_key(tmp_path: Path, end: bytes) -> None:
    private = written(tmp_path / "key", base64.b64encode(SECRET) + end)
    assert read_private_key(private).private_bytes_raw() == SECRET
    raw = KEY.public_key().public_bytes_raw()
    public = written(tmp_path / "key.pub", base64.b64encode(raw) + end)
    assert read_public_key(public).public_bytes_raw() == raw


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_private_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "key", base64.b64encode(SECRET), mode)
    with pytest.raises(PackageError) as caught:
        read_private_key(path)
    told = f"{path}: others may read this private key; chmod 600 {path}"
    assert str(caught.value) == told


def test_a_public_key_may_be_read_by_all(tmp_path: Path) -> None:
    raw = base64.b64encode(KEY.public_key().public_bytes_raw())
    assert read_public_key(written(tmp_path / "key.pub", raw, 0o644))


def pem_of(kind: str) -> bytes:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048).private_bytes(
            PEM, PKCS8, serialization.NoEncryption()
        )
    if kind == "x25519":
        return x25519.X25519PrivateKey.generate().private_bytes(
            PEM, PKCS8, serialization.NoEncryption()
        )
    if kind == "password":
        return KEY.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"s3cr3t"))
    good = KEY.private_bytes(PEM, PKCS8, serialization.NoEncryption())
    return {
        "public": KEY.public_key().public_bytes(PEM, SPKI),
        "cut": good[:60],
        "changed": good.replace(b"MC4", b"MD4"),
    }[kind]


@pytest.mark.parametrize("kind", ["rsa", "x25519", "password", "public", "cut", "changed"])
def test_a_pem_of_something_else_is_refused_without_a_word_of_it(tmp_path: Path, kind: str) -> None:
    pem = pem_of(kind)
    with pytest.raises(PackageError) as caught:
        read_private_key(written(tmp_path / "key", pem))
    assert str(caught.value).endswith(
        "key: is no Ed25519 private key in PEM or base64, without password"
    )
    assert caught.value.__cause__ is None
    if kind != "public":
        with pytest.raises(PackageError, match="is no Ed25519 public key in PEM or base64"):
            read_public_key(written(tmp_path / "key.pub", pem))


@pytest.mark.parametrize("kind", ["rsa", "x25519"])
def test_a_public_key_of_another_kind_is_refused(tmp_path: Path, kind: str) -> None:
    key: rsa.RSAPrivateKey | x25519.X25519PrivateKey = x25519.X25519PrivateKey.generate()
    if kind == "rsa":
        key = rsa.generate_private_key(65537, 2048)
    path = written(tmp_path / "key.pub", key.public_key().public_bytes(PEM, SPKI))
    with pytest.raises(PackageError, match="is no Ed25519 public key in PEM or base64"):
        read_public_key(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        base64.b64encode(SECRET[:31]),
        base64.b64encode(SECRET + b"x"),
        base64.b64encode(SECRET)[:-1],
        SECRET,
        SECRET.hex().encode(),
        b"\xff" * 5000,
    ],
)
def test_what_is_no_key_is_refused_without_a_word_of_it(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path / "key", data)
    for read in (read_private_key, read_public_key):
        with pytest.raises(PackageError) as caught:
            read(path)
        told = f"{path}: is no Ed25519 key: neither PEM nor 32 bytes in base64"
        assert str(caught.value) == told


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    for read in (read_private_key, read_public_key):
        with pytest.raises(PackageError, match="gone: No such file or directory"):
            read(tmp_path / "gone")
    with pytest.raises(PackageError, match="No such file or directory; no key was written"):
        make_keys(tmp_path / "gone" / "key", tmp_path / "key.pub")
