"""Signatures and seals: missing, of strangers, damaged, of something else."""

import json
from collections.abc import Callable
from pathlib import Path

from actors.package.admission import Request
from actors.package.manifest import MANIFEST, SIGNATURE
from actors.package.sealed.container import Header, seal, seal_as
from actors.package.sealed.key import Key
from actors.package.sealed.percept import seal_percept
from actors.package.signature import sign
from actors.package.signing_keys import make_keys
from tests.actors.models.refusals.workshop import Bad, Workshop
from tests.actors.package.zips import Entry, build

KEY, OTHER = Key(bytes(range(32))), Key(bytes(32))
CHUNK_BYTES = 1 << 16
HEADER = Header("plant", "AES-256-GCM-STREAM", 0, CHUNK_BYTES, "5a" * 16, "a5" * 7)


def signed(shop: Workshop, *, by: str = "ours") -> Path:
    """A package signed with a new key, whose public half is `<by>.pub`."""
    folder = shop.package()
    key = make_keys(shop.folder / by, shop.folder / f"{by}.pub")
    (folder / SIGNATURE).write_bytes(sign((folder / MANIFEST).read_bytes(), key))
    return folder


def trusting(shop: Workshop, folder: Path, *keys: str) -> Request:
    trusted = tuple(str(shop.folder / key) for key in keys)
    return shop.request(folder, signature="required", trusted_keys=trusted)


def by_a_stranger(shop: Workshop) -> Request:
    make_keys(shop.folder / "theirs", shop.folder / "theirs.pub")
    return trusting(shop, signed(shop), "theirs.pub")


def and_then(change: Callable[[Path], object]) -> Callable[[Workshop], Request]:
    """Signed by a trusted key, and changed afterwards."""

    def make(shop: Workshop) -> Request:
        folder = signed(shop)
        change(folder)
        return trusting(shop, folder, "ours.pub")

    return make


def other_threshold(folder: Path) -> None:
    manifest = folder / MANIFEST
    manifest.write_text("threshold = 0.1\n" + manifest.read_text())


def other_labels(folder: Path) -> None:
    (folder / "labels.txt").write_text("cat\n")


def with_keys(shop: Workshop, data: bytes, *keys: Key) -> Request:
    """A sealed package, and these keys, each said to be the one called `plant`."""
    sources = []
    for at, key in enumerate(keys):
        path = shop.file(f"{at}.key", key.reveal().hex().encode())
        path.chmod(0o600)
        sources.append(f"plant=file:{path}")
    return shop.request(shop.file("package.sealed", data), keys=tuple(sources))


def sealed(shop: Workshop) -> bytes:
    return seal(shop.zipped(shop.package()).read_bytes(), KEY, "plant")


def without_key(shop: Workshop) -> Request:
    return with_keys(shop, sealed(shop))


def with_another_key(shop: Workshop) -> Request:
    return with_keys(shop, sealed(shop), OTHER)


def with_a_public_key(shop: Workshop) -> Request:
    request = with_keys(shop, sealed(shop), KEY)
    (shop.folder / "0.key").chmod(0o644)
    return request


def damaged(change: Callable[[bytes], bytes]) -> Callable[[Workshop], Request]:
    return lambda shop: with_keys(shop, change(sealed(shop)), KEY)


def mixed(shop: Workshop) -> Request:
    """Two chunks have changed places."""
    plain = shop.zipped(shop.package()).read_bytes()
    header = Header(
        HEADER.key, HEADER.algorithm, len(plain), CHUNK_BYTES, HEADER.salt, HEADER.prefix
    )
    data, step = seal_as(header, plain, KEY), CHUNK_BYTES + 16
    head = len(data) - len(plain) - 16 * header.chunks
    first, second = data[head : head + step], data[head + step : head + 2 * step]
    return with_keys(shop, data[:head] + second + first + data[head + 2 * step :], KEY)


def of_a_bad_zip(shop: Workshop) -> Request:
    return with_keys(shop, seal(build([Entry(b"../x", b"?")]), KEY, "plant"), KEY)


def of_no_zip(shop: Workshop) -> Request:
    return with_keys(shop, seal(b"no zip at all", KEY, "plant"), KEY)


def of_what_wants_a_disk(shop: Workshop) -> Request:
    return with_keys(shop, seal(build([Entry(b"x.tflite", b"?")]), KEY, "plant"), KEY)


def by_percept(shop: Workshop) -> Request:
    """As Azure's server protects a model, given to who has no key text."""
    plain = shop.zipped(shop.package()).read_bytes()
    return shop.request(shop.file("model.zip", seal_percept(plain, Key(b"key text"), bytes(16))))


def unsigned_percept(shop: Workshop) -> Request:
    folder = shop.model()
    said = {"DomainType": "ssd100", "ModelFileName": "street.xml"}
    (folder / "config.json").write_text(json.dumps(said))
    return shop.request(folder, signature="required")


TRUST = {
    "unsigned": Bad(
        lambda shop: shop.request(shop.package(), signature="required"), "is not signed, and a"
    ),
    "unsigned, of Percept": Bad(unsigned_percept, "nobody can have signed it"),
    "signed by a stranger": Bad(by_a_stranger, "is not trusted; trusted: "),
    "signed, and nobody is trusted": Bad(
        lambda shop: shop.request(signed(shop)), "is not trusted; trusted: none is"
    ),
    "a manifest changed after signing": Bad(and_then(other_threshold), "one of them was changed"),
    "labels changed after signing": Bad(and_then(other_labels), "labels.txt: its SHA-256 is"),
    "a damaged signature": Bad(
        and_then(lambda folder: (folder / SIGNATURE).write_bytes(b"0" * 88)), "is no line of a key"
    ),
    "an empty signature": Bad(
        and_then(lambda folder: (folder / SIGNATURE).write_bytes(b"")), "is no line of a key"
    ),
    "a trusted key that is missing": Bad(
        lambda shop: trusting(shop, signed(shop), "x.pub"), "x.pub: No such file or directory"
    ),
    "a trusted key that is private": Bad(
        lambda shop: trusting(shop, signed(shop), "ours"), "ours: is no Ed25519 public key"
    ),
    "sealed, without a key": Bad(without_key, "none of the 0 key sources that are set has it"),
    "sealed, with another key": Bad(with_another_key, "the sealed package does not open"),
    "sealed, with a key for all to see": Bad(with_a_public_key, "others may use it (mode 644)"),
    "sealed and cut off": Bad(damaged(lambda data: data[:-1000]), "fetch or copy it again"),
    "sealed and lengthened": Bad(damaged(lambda data: data + b"?"), "fetch or copy it again"),
    "sealed and cut in its header": Bad(damaged(lambda data: data[:10]), "ends within its header"),
    "sealed and damaged": Bad(
        damaged(lambda data: data[:-100] + bytes(100)), "the sealed package does not open"
    ),
    "sealed under another header": Bad(
        damaged(lambda data: data.replace(b'"name":""', b'"nama":""')), "header is damaged, or of"
    ),
    "sealed and mixed up": Bad(mixed, "the sealed package does not open"),
    "a bad zip, sealed": Bad(of_a_bad_zip, "'../x': a path has no empty part"),
    "no zip, sealed": Bad(of_no_zip, "is no zip, or cut off"),
    "sealed, for who reads disks only": Bad(of_what_wants_a_disk, "reads this only from a disk"),
    "protected by Percept": Bad(by_percept, "model.zip: is called .zip and is no zip"),
}
