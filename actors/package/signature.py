"""Who vouches for a package: an Ed25519 signature over its manifest's bytes, in `manifest.sig`.

The file is one line: the key's id, a space, the signature in base64. A signed manifest vouches
for the files that it lists, once `integrity.verify` has found them as they are listed.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from actors.package import PackageError
from actors.package.files import Files, read_small
from actors.package.manifest import MANIFEST, SIGNATURE

Policy = Literal["required", "if-present", "off"]
LINE = re.compile(rb"([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n?")
MOST_BYTES = 200


def key_id(key: Ed25519PublicKey) -> str:
    """What a key is called: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """The content of `manifest.sig` for these bytes of `manifest.toml`."""
    signature = base64.b64encode(key.sign(manifest))
    return b"%b %b\n" % (key_id(key.public_key()).encode(), signature)


def check(files: Files, policy: Policy, trusted: Sequence[Ed25519PublicKey]) -> str:
    """The id of the key that signed the package; empty if none did and none need have.

    A signature that is there must be a trusted key's, unless the policy is `off`: then it is not
    looked at. Azure Percept's packages and bare models have no manifest that could be signed.
    """
    if policy == "off":
        return ""
    if not files.has(MANIFEST):
        if policy == "required":
            raise PackageError(
                f"{files.where('')}: has no {MANIFEST}, so nobody can have signed it, and a "
                f"signature is required; give it a {MANIFEST} and sign that"
            )
        return ""
    if not files.has(SIGNATURE):
        if policy == "required":
            raise PackageError(
                f"{files.where('')}: is not signed, and a signature is required; there is no "
                f"{SIGNATURE} beside {MANIFEST}"
            )
        return ""
    return _signer(files, trusted)


def _signer(files: Files, trusted: Sequence[Ed25519PublicKey]) -> str:
    where = files.where(SIGNATURE)
    with files.open(SIGNATURE) as file:
        line = LINE.fullmatch(file.read(MOST_BYTES))
    signature = base64.b64decode(line[2]) if line else b""
    # one signature is written in one way only: the last letter's spare bits are zero
    if not line or base64.b64encode(signature) != line[2]:
        raise PackageError(f"{where}: is no line of a key id, a space and a signature in base64")
    signer = line[1].decode()
    key = next((key for key in trusted if key_id(key) == signer), None)
    if key is None:
        known = ", ".join(map(key_id, trusted)) or "none is"
        raise PackageError(f"{where}: key {signer} is not trusted; trusted: {known}")
    try:
        key.verify(signature, read_small(files, MANIFEST))
    except InvalidSignature as error:
        raise PackageError(
            f"{where}: is no signature of {MANIFEST} by key {signer}: one of them was changed"
        ) from error
    return signer
