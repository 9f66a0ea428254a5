"""Whatever somebody has becomes a package's folder, or nothing that runs."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.package import PackageError
from actors.package.archive import LIMITS
from actors.package.files import Folder
from actors.package.opening import SEALED
from actors.package.receiving import receive
from actors.package.sealed.container import seal
from actors.package.sealed.key import Key
from actors.package.writing import pack
from tests.actors.package.protobuf import with_weights_in

CONTENTS = {
    "config.json": b'{"DomainType": "ssd100", "ModelFileName": "nets/deep/m.xml"}',
    "nets/deep/m.xml": b"<net/>",
    "nets/deep/m.bin": b"weights",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in CONTENTS.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o644)
    return tmp_path / "source"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    (tmp_path / "into").mkdir(mode=0o700)
    return tmp_path / "into"


def contents(folder: Path) -> dict[str, bytes]:
    return {name: Folder(folder).read(name) for name in Folder(folder).names()}


def refused(source: Path, into: Path, says: str) -> None:
    with pytest.raises(PackageError) as caught:
        receive(source, into)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def as_folder(folder: Path) -> Path:
    return folder


def as_zip(folder: Path) -> Path:
    pack(folder, folder.parent / "x.zip")
    return folder.parent / "x.zip"


@pytest.mark.parametrize("given", [as_folder, as_zip])
def test_a_folder_and_its_zip_become_the_same(
    folder: Path, into: Path, given: Callable[[Path], Path]
) -> None:
    source = given(folder)
    old = os.umask(0)
    try:
        receive(source, into)
    finally:
        os.umask(old)
    assert contents(into) == CONTENTS
    modes = {stat.S_IMODE(path.stat().st_mode): path.is_dir() for path in into.rglob("*")}
    assert modes == {0o700: True, 0o600: False}
    assert contents(folder) == CONTENTS


def test_a_sealed_package_stays_sealed(folder: Path, into: Path) -> None:
    sealed = seal(as_zip(folder).read_bytes(), Key(bytes(32)))
    source = folder.parent / "anything.zip"  # its first bytes say what it is
    source.write_bytes(sealed)
    receive(source, into)
    assert contents(into) == {SEALED: sealed}
    assert stat.S_IMODE((into / SEALED).stat().st_mode) == 0o600


def test_a_model_brings_what_belongs_to_it_and_nothing_else(folder: Path, into: Path) -> None:
    receive(folder / "nets" / "deep" / "m.xml", into)
    assert contents(into) == {"m.xml": b"<net/>", "m.bin": b"weights"}


def test_an_onnx_model_brings_its_weights(tmp_path: Path, into: Path) -> None:
    source = tmp_path / "m.onnx"
    source.write_bytes(with_weights_in("parts/w.bin"))
    refused(source, into, "w.bin: weights of m.onnx, but not there")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "w.bin").write_bytes(b"w")
    receive(source, into)
    assert contents(into) == {"m.onnx": source.read_bytes(), "parts/w.bin": b"w"}


def test_a_model_may_be_a_link_and_comes_as_a_file(folder: Path, into: Path) -> None:
    for name in ("m.xml", "m.bin"):
        (folder / name).symlink_to(folder / "nets" / "deep" / name)
    receive(folder / "m.xml", into)
    assert contents(into) == {"m.xml": b"<net/>", "m.bin": b"weights"}
    shutil.rmtree(into)
    into.mkdir()
    refused(folder, into, "is a link; put the file itself in its place")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone", "gone: there is no file or folder of that name"),
        ("pipe", "pipe: there is no file or folder of that name"),
        ("empty", "empty: a model is one of"),
        ("notes.txt", "notes.txt: a model is one of"),
        ("model.blob", "model.blob: a .blob is compiled for the Myriad X"),
        ("alone.xml", "alone.bin: weights of alone.xml, but not there"),
        ("broken.zip", "broken.zip: is no zip, or cut off"),
        ("x" * 300, "File name too long"),
    ],
)
def test_what_is_no_package_is_refused(tmp_path: Path, into: Path, name: str, says: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for plain in ("empty", "notes.txt", "model.blob", "alone.xml"):
        (tmp_path / plain).write_bytes(plain.replace("empty", "").encode())
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    refused(tmp_path / name, into, says)
    assert list(into.iterdir()) == []


def test_nothing_that_is_there_is_overwritten(folder: Path, into: Path) -> None:
    (into / "config.json").write_bytes(b"precious")
    refused(folder, into, "config.json: File exists")
    assert (into / "config.json").read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["m.onnx", "s.sealed", "folder"])
def test_too_much_is_refused_before_it_is_copied(tmp_path: Path, into: Path, name: str) -> None:
    source = tmp_path / name
    if name == "folder":
        source.mkdir()
    huge = source / "m.bin" if name == "folder" else source
    huge.write_bytes(b"RTNSEAL1" if name == "s.sealed" else b"")
    if name == "m.onnx":
        huge.write_bytes(with_weights_in("w.bin"))
        huge = tmp_path / "w.bin"
        huge.touch()
    os.truncate(huge, LIMITS.total_bytes + 1)  # takes no room: it is a hole
    most_bytes = LIMITS.total_bytes
    says = f"{huge}: has {most_bytes + 1} bytes: a package has at most {most_bytes} in all"
    refused(source, into, says)
    assert [path for path in into.rglob("*") if path.stat().st_size > 1000] == []
