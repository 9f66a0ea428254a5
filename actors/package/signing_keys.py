"""Keys that packages are signed with, in files: PEM, or the 32 raw bytes in base64.

No message has anything of a key's file in it but its path.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from actors.package import PackageError

KEY_BYTES = 32
MOST_BYTES = 4096
OTHERS = 0o077


def read_public_key(path: Path) -> Ed25519PublicKey:
    data = _read(path)
    if b"-----BEGIN" not in data:
        return Ed25519PublicKey.from_public_bytes(_raw(path, data))
    try:
        key = serialization.load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        key = None  # nor why: the reason may quote it
    if not isinstance(key, Ed25519PublicKey):
        raise PackageError(f"{path}: is no Ed25519 public key in PEM or base64")
    return key


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Refused if others than its owner may read the file."""
    data = _read(path, private=True)
    if b"-----BEGIN" not in data:
        return Ed25519PrivateKey.from_private_bytes(_raw(path, data))
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it has a password
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise PackageError(f"{path}: is no Ed25519 private key in PEM or base64, without password")
    return key


def make_keys(private: Path, public: Path) -> Ed25519PrivateKey:
    """A new pair, written as PEM; neither file may be there yet."""
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    told = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write_new(private, secret, 0o600)
    try:
        _write_new(public, told, 0o644)
    except PackageError:
        private.unlink()
        raise
    return key


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
    except OSError as error:
        raise PackageError(f"{path}: {error.strerror or error}; no key was written") from error


def _read(path: Path, *, private: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(MOST_BYTES)
    except OSError as error:
        raise PackageError(f"{path}: {error.strerror or error}") from error
    if private and mode & OTHERS:
        raise PackageError(f"{path}: others may read this private key; chmod 600 {path}")
    return data


def _raw(path: Path, data: bytes) -> bytes:
    try:
        raw = base64.b64decode(data.strip(), validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise PackageError(
            f"{path}: is no Ed25519 key: neither PEM nor {KEY_BYTES} bytes in base64"
        )
    return raw
