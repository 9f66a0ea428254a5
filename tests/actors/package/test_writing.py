"""What is written reads as it was, and is the same each time."""

import itertools
import os
import resource
import zipfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given

from actors.package import PackageError
from actors.package.archive import LIMITS, unpack
from actors.package.files import Folder
from actors.package.integrity import digest, listed
from actors.package.manifest import Golden, GoldenBox, Input, Manifest
from actors.package.parsing import parse
from actors.package.reading import read_package
from actors.package.writing import manifest_text, pack, write_manifest
from tests.actors.package.manifests import MANIFESTS


@given(MANIFESTS)
def test_a_manifest_reads_as_it_was_written(manifest: Manifest) -> None:
    text = manifest_text(manifest)
    assert parse(text.encode(), "manifest.toml") == manifest
    turned = msgspec.structs.replace(
        manifest,
        files=dict(reversed(manifest.files.items())),
        thresholds=dict(reversed(manifest.thresholds.items())),
    )
    assert manifest_text(turned) == text


def test_the_text_is_what_a_person_would_write() -> None:
    manifest = Manifest(
        "street",
        "street.xml",
        "3",
        labels=("car", 'big "bus"'),
        thresholds={"car": 0.7, 'big "bus"': 0.25},
        input=Input(colour="RGB", scale=(255, 255, 255)),
        files={"street.xml": "a" * 64, "a b.bin": "b" * 64},
        golden=Golden("p.jpg", (GoldenBox("car", 0, 0.25, 0.5, 1),)),
    )
    assert (
        manifest_text(manifest)
        == f"""\
name = "street"
model = "street.xml"
version = "3"
labels = ["car", "big \\"bus\\""]

[thresholds]
"big \\"bus\\"" = 0.25
car = 0.7

[input]
colour = "RGB"
scale = [255.0, 255.0, 255.0]

[files]
"a b.bin" = "{"b" * 64}"
"street.xml" = "{"a" * 64}"

[golden]
picture = "p.jpg"
boxes = [
  {{label = "car", x0 = 0.0, y0 = 0.25, x1 = 0.5, y1 = 1.0}},
]
"""
    )


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (Manifest("A", "m.xml"), "a name is 1 to 64"),
        (Manifest("a", "../m.xml"), "model = '../m.xml'"),
        (Manifest("a", "m.xml", threshold=2), "threshold"),
        (Manifest("a", "m.xml", labels=("a\n",)), "control characters"),
        (Manifest("a", "m.xml", labels=("\ud800",)), "a: would not read as it was written"),
    ],
)
def test_what_no_reader_would_take_is_not_written(
    manifest: Manifest, says: str, tmp_path: Path
) -> None:
    with pytest.raises(PackageError, match=says):
        write_manifest(tmp_path, manifest)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "street"
    (folder / "pictures").mkdir(parents=True)
    (folder / "m.xml").write_text("<net/>" * 100)
    (folder / "m.bin").write_bytes(bytes(range(256)))
    (folder / "pictures" / "é.jpg").write_bytes(b"jpeg")
    write_manifest(folder, listed(Folder(folder), Manifest("street", "m.xml", "1")))
    return folder


def test_a_packed_package_is_unpacked_as_it_was(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "x.zip")
    files = unpack(tmp_path / "x.zip", tmp_path / "into")
    assert files.names() == Folder(folder).names()
    assert digest(files) == digest(Folder(folder))
    assert read_package(tmp_path / "into").name == "street"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "street", "x.zip"]
    with zipfile.ZipFile(tmp_path / "x.zip") as packed:
        assert packed.testzip() is None
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in packed.infolist()} == {0o100644}


def test_equal_folders_make_equal_zips(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "one.zip")
    other = tmp_path / "other"
    for name in reversed(Folder(folder).names()):  # another order, times and modes
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes((folder / name).read_bytes())
        (other / name).chmod(0o600)
        os.utime(other / name, (1e9, 1e9))
    (other / "empty").mkdir()
    pack(other, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_what_could_not_be_installed_is_not_packed(folder: Path, tmp_path: Path) -> None:
    (folder / "more.txt").touch()
    with pytest.raises(PackageError, match=r"more\.txt: is not listed under \[files\]"):
        pack(folder, tmp_path / "x.zip")
    (folder / "more.txt").unlink()
    (folder / "manifest.toml").unlink()
    for name in ("a", "A"):
        (folder / name).touch()
    with pytest.raises(PackageError, match="'A' and 'a': differ in case"):
        pack(folder, tmp_path / "x.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["street"]


def test_what_could_not_be_unpacked_is_not_left_behind(folder: Path, tmp_path: Path) -> None:
    (folder / "manifest.toml").unlink()
    (folder / "zeros.bin").write_bytes(bytes(3 << 20))
    with pytest.raises(PackageError, match=r"x\.zip: 'zeros\.bin': unpacks to more than 200 times"):
        pack(folder, tmp_path / "x.zip")
    os.truncate(folder / "zeros.bin", LIMITS.member_bytes + 1)
    with pytest.raises(PackageError, match=r"zeros\.bin: has 1073741825 bytes, over 1073741824"):
        pack(folder, tmp_path / "x.zip")
    (folder / "zeros.bin").unlink()
    for number in range(LIMITS.members + 1):
        (folder / str(number)).touch()
    with pytest.raises(PackageError, match=r"x\.zip: has 1004 members, more than 1000"):
        pack(folder, tmp_path / "x.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["street"]


def test_a_full_disk_leaves_no_piece_behind(folder: Path, tmp_path: Path) -> None:
    """A bound on the size of files stands for it."""
    (tmp_path / "x.zip").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            pack(folder, tmp_path / "x.zip")
        with pytest.raises(OSError, match="File too large"):
            write_manifest(folder, Manifest("other", "m.xml"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["street", "x.zip"]
    assert (tmp_path / "x.zip").read_bytes() == b"old"
    assert read_package(folder).name == "street"
    assert sorted(path.name for path in folder.iterdir()) == [
        "m.bin", "m.xml", "manifest.toml", "pictures",
    ]  # fmt: skip


def test_a_percept_package_is_packed_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "config.json").write_text("{}")
    pack(tmp_path / "in", tmp_path / "x.zip")
    assert unpack(tmp_path / "x.zip", None).names() == ("config.json",)


def test_every_default_is_left_out() -> None:
    assert manifest_text(Manifest("a", "m.xml")) == 'name = "a"\nmodel = "m.xml"\n'
    for key in itertools.chain(("input",), ("files", "thresholds")):
        assert f"[{key}]" not in manifest_text(Manifest("a", "m.xml", input=Input()))
