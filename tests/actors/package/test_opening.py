"""A sealed package is read in memory, and from its folder nothing else is."""

import tracemalloc
from pathlib import Path

import pytest

from actors.package import PackageError
from actors.package.files import Folder, Memory
from actors.package.integrity import digest
from actors.package.opening import SEALED, is_sealed, opened, unsealed
from actors.package.reading import read_files
from actors.package.sealed.container import seal
from actors.package.sealed.key import Key
from actors.package.writing import pack
from tests.actors.package.zips import Entry, build

SECRET = bytes(range(100, 132))
KEY = Key(SECRET)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "config.json").write_text('{"DomainType": "ssd100", "ModelFileName": "m.xml"}')
    (folder / "m.xml").write_text("<net/>")
    (folder / "m.bin").write_bytes(b"weights")
    return folder


@pytest.fixture
def zipped(plain: Path, tmp_path: Path) -> bytes:
    pack(plain, tmp_path / "x.zip")
    return (tmp_path / "x.zip").read_bytes()


@pytest.fixture
def source(tmp_path: Path) -> str:
    (tmp_path / "key").write_text(SECRET.hex())
    (tmp_path / "key").chmod(0o600)
    return f"file:{tmp_path}/key"


def sealed_folder(tmp_path: Path, data: bytes) -> Path:
    folder = tmp_path / "sealed"
    folder.mkdir()
    (folder / SEALED).write_bytes(data)
    return folder


def refused(folder: Path, keys: tuple[str, ...], says: str) -> None:
    with pytest.raises(PackageError) as caught:
        opened(folder, keys)
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(folder))
    assert "\n" not in str(caught.value)
    assert SECRET.hex() not in repr(caught.value)


def test_a_plain_folder_is_opened_as_it_lies(plain: Path) -> None:
    files = opened(plain, ())
    assert not is_sealed(plain)
    assert isinstance(files, Folder)
    assert files.path("m.xml") == plain / "m.xml"


def test_a_sealed_package_is_what_it_was_before(
    plain: Path, zipped: bytes, tmp_path: Path, source: str
) -> None:
    folder = sealed_folder(tmp_path, seal(zipped, KEY))
    (folder / "m.xml").write_text("<other/>")  # beside it, and none of it
    assert is_sealed(folder)
    files = opened(folder, ("env:NOT_SET", source))
    assert isinstance(files, Memory)
    assert digest(files) == digest(opened(plain, ()))
    assert files.path("m.xml") is None
    assert read_files(files).family == "ssd"
    assert files.where("m.xml") == f"{folder}/m.xml"
    assert sorted(path.name for path in folder.iterdir()) == ["m.xml", SEALED]


def test_a_named_key_is_found_by_its_name(zipped: bytes, tmp_path: Path, source: str) -> None:
    folder = sealed_folder(tmp_path, seal(zipped, KEY, "plant-7"))
    assert opened(folder, (f"plant-7={source}",)).has("m.xml")
    refused(folder, (source,), "key plant-7: none of the 1 key sources that are set has it")


def test_without_its_key_it_stays_shut(zipped: bytes, tmp_path: Path, source: str) -> None:
    folder = sealed_folder(tmp_path, seal(zipped, Key(bytes(32))))
    refused(folder, (), f"key {Key(bytes(32)).id}: none of the 0 key sources that are set has it")
    refused(folder, (source,), f"key {Key(bytes(32)).id}: none of the 1 key sources")
    refused(folder, ("env:NOT_SET",), "env:NOT_SET: there is no such variable in the environment")
    (tmp_path / "key").chmod(0o644)
    refused(folder, (source,), "chmod 600")


def test_another_key_of_the_name_does_not_open_it(
    zipped: bytes, tmp_path: Path, source: str
) -> None:
    folder = sealed_folder(tmp_path, seal(zipped, Key(bytes(32)), "plant-7"))
    refused(folder, (f"plant-7={source}",), "the sealed package does not open")


@pytest.mark.parametrize("at", [0, 8, 50, -40, -1])
def test_a_changed_byte_is_found(zipped: bytes, tmp_path: Path, source: str, at: int) -> None:
    data = bytearray(seal(zipped, KEY))
    data[at] ^= 1
    refused(sealed_folder(tmp_path, bytes(data)), (source,), "sealed package")


def test_what_is_inside_is_judged_as_any_archive(tmp_path: Path, source: str) -> None:
    """A key proves who sealed it, not that it does no harm."""
    harmful = build([Entry(b"../../etc/cron.d/x", b"harm")])
    folder = sealed_folder(tmp_path, seal(harmful, KEY))
    refused(folder, (source,), "'../../etc/cron.d/x': a path has no empty part, no . and no ..")
    (folder / SEALED).write_bytes(seal(b"no zip", KEY))
    refused(folder, (source,), "is no zip, or cut off")


def test_it_is_in_memory_twice_and_no_more(tmp_path: Path, source: str) -> None:
    size_bytes = 16 << 20
    zipped = build([Entry(b"m.onnx", bytes(size_bytes))])
    folder = sealed_folder(tmp_path, seal(zipped, KEY))
    del zipped
    opened(folder, (source,))  # so that what it imports is not counted
    tracemalloc.start()
    try:
        opened(folder, (source,))
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 2.3 * size_bytes


def test_bytes_are_opened_as_a_file_is(zipped: bytes, source: str) -> None:
    files = unsealed(seal(zipped, KEY), [source], "street")
    assert files.where("m.xml") == "street/m.xml"
    with pytest.raises(PackageError, match=r"^street: not a sealed package"):
        unsealed(zipped, [source], "street")


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    assert not is_sealed(tmp_path / "gone")
    (tmp_path / SEALED).mkdir()
    assert not is_sealed(tmp_path)
