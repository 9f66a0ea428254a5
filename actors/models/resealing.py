"""A model of Percept's server made a package sealed with a key of this device, all in memory.

The same model under the same key becomes the same bytes, so it has one digest however often it
comes. What is unique to each encryption (the header's salt, and the prefix of its nonces) is
derived, by the key, from all that is encrypted and said.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

import msgspec

from actors.models.progress import Refused
from actors.models.remote import Unreachable
from actors.models.scz import fetch_model
from actors.models.scz_exchange import Network, SczError, SczUnreachable
from actors.models.scz_vault import Azure, azure_from
from actors.package.sealed.container import (
    CHUNK_BYTES,
    PREFIX_BYTES,
    SALT_BYTES,
    Header,
    seal_as,
)
from actors.package.sealed.key import Key, SealedError
from actors.package.sealed.keys import read_key
from actors.package.sealed.percept import open_percept
from actors.store.source import Protected

SAID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")


def sealed_package(
    source: Protected, keys: Mapping[str, str], network: Network, azure: Azure | None
) -> bytes:
    """A sealed container. Raises `Refused` or `Unreachable`."""
    try:
        key_id, key = own_key(keys)
        sealed, key_text = fetch_model(
            source.server,
            source.name,
            source.version,
            azure or azure_from(),
            url=source.url,
            network=network,
        )
        plain = open_percept(sealed, key_text)
        return reseal(plain, key, key_id, source.name, source.version)
    except SczUnreachable as error:
        raise Unreachable(str(error)) from None
    except (SczError, SealedError) as error:
        raise Refused(str(error)) from None


def own_key(keys: Mapping[str, str]) -> tuple[str, Key]:
    """The first of `[models] keys`, with its name."""
    for name, place in keys.items():
        return name, read_key(f"{name}={place}")
    raise Refused(
        "a protected model is kept sealed with a key of this device, and there is none: make one "
        "and name it in [models] keys"
    )


def reseal(plain: bytes, key: Key, key_id: str, name: str, version: str) -> bytes:
    """A package's zip, sealed for this device."""
    said = [text if SAID.fullmatch(text) else "" for text in (name, version)]
    content = hashlib.sha256(plain).digest()
    seed = msgspec.json.encode([key_id, len(plain), CHUNK_BYTES, *said]) + content
    derived = hmac.digest(key.reveal(), b"retinue reseal\n" + seed, "sha256").hex()
    salt, rest = derived[: 2 * SALT_BYTES], derived[2 * SALT_BYTES :]
    prefix = rest[: 2 * PREFIX_BYTES]
    header = Header(
        key_id, "AES-256-GCM-STREAM", len(plain), CHUNK_BYTES, salt, prefix, said[0], said[1]
    )
    return seal_as(header, plain, key)
