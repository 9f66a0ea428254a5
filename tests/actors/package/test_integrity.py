"""A package is what its manifest lists, and its address says which bytes it has."""

import hashlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.package import PackageError
from actors.package.files import Folder, Memory
from actors.package.integrity import digest, listed, verify
from actors.package.manifest import Manifest
from tests.actors.package.manifests import PATHS

STREET = {"m.xml": b"<net/>", "m.bin": bytes(range(256)), "pictures/a.jpg": b"jpeg"}
OURS = Manifest("street", "m.xml", "1")
CONTENTS = st.dictionaries(PATHS, st.binary(max_size=40), min_size=1, max_size=5)


def refused(contents: dict[str, bytes], manifest: Manifest, says: str) -> None:
    with pytest.raises(PackageError) as caught:
        verify(Memory(contents, "x.zip"), manifest)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_listed_as_they_are_pass() -> None:
    manifest = listed(Memory(STREET), OURS)
    assert manifest.files == {
        name: hashlib.sha256(content).hexdigest() for name, content in STREET.items()
    }
    verify(Memory(STREET), manifest)
    verify(Memory(STREET | {"manifest.toml": b"1", "manifest.sig": b"2"}), manifest)


def test_a_list_is_made_anew() -> None:
    old = msgspec.structs.replace(OURS, files={"gone": "0" * 64})
    assert listed(Memory({"m.xml": b""}), old).files == {"m.xml": hashlib.sha256(b"").hexdigest()}


def test_what_differs_from_the_list_is_refused_by_name() -> None:
    manifest = listed(Memory(STREET), OURS)
    changed = hashlib.sha256(b"<nit/>").hexdigest()
    refused(
        STREET | {"m.xml": b"<nit/>"},
        manifest,
        f"x.zip/m.xml: its SHA-256 is {changed}, manifest.toml lists {manifest.files['m.xml']}",
    )
    refused(STREET | {"more.txt": b""}, manifest, "more.txt: is not listed under [files] in manif")
    less = {name: STREET[name] for name in ("m.xml", "m.bin")}
    refused(less, manifest, "pictures/a.jpg: is listed under [files], but not there")
    refused(STREET | {"a/manifest.toml": b""}, manifest, "a/manifest.toml: is not listed")
    refused(STREET, OURS, "manifest.toml: has no [files]: a folder in work")


def test_what_is_installed_has_a_version() -> None:
    manifest = msgspec.structs.replace(listed(Memory(STREET), OURS), version="")
    refused(STREET, manifest, "x.zip/manifest.toml: version is missing: what is installed has one")


@given(CONTENTS, st.data())
def test_any_changed_byte_is_found(contents: dict[str, bytes], data: st.DataObject) -> None:
    manifest, address = listed(Memory(contents), OURS), digest(Memory(contents))
    verify(Memory(contents), manifest)
    name = data.draw(st.sampled_from(sorted(contents)))
    content = bytearray(contents[name] or b"x")
    if contents[name]:
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
    changed = contents | {name: bytes(content)}
    refused(changed, manifest, "its SHA-256 is ")
    assert digest(Memory(changed)) != address


@given(CONTENTS, CONTENTS)
def test_two_packages_have_one_address_only_if_they_are_alike(
    one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    assert (digest(Memory(one)) == digest(Memory(other))) is (one == other)


def test_the_address_is_what_the_page_says() -> None:
    lines = b"retinue-package/1\n"
    for name in sorted(STREET):
        content = STREET[name]
        lines += f"{hashlib.sha256(content).hexdigest()} {len(content)} {name}\n".encode()
    assert digest(Memory(STREET)) == hashlib.sha256(lines).hexdigest()


def test_the_address_stays_what_it_is() -> None:
    address = "d3634de95af6c89b1825ac86554f1d373042f35425a8ee4ea8c5684e83b5dd32"
    assert digest(Memory({"a": b"1", "b/c": b""})) == address


def test_the_address_is_the_same_on_a_disk_and_in_memory(tmp_path: Path) -> None:
    for name, content in STREET.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o640)
    (tmp_path / "empty").mkdir()
    assert digest(Folder(tmp_path)) == digest(Memory(STREET))
    (tmp_path / "link").symlink_to("m.xml")
    with pytest.raises(PackageError, match="link: is a link"):
        digest(Folder(tmp_path))


def test_signature_and_manifest_are_part_of_the_address() -> None:
    addresses = {
        digest(Memory(STREET | more))
        for more in ({}, {"manifest.sig": b"a"}, {"manifest.sig": b"b"}, {"manifest.toml": b"a"})
    }
    assert len(addresses) == 4


def test_the_package_that_comes_with_retinue_is_listed_as_it_is_once_it_is_listed() -> None:
    files = Folder(Path(__file__).parents[3] / "models" / "street")
    verify(files, listed(files, msgspec.structs.replace(OURS, version="1")))
