"""A package's files, from a disk and from memory."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from actors.package import PackageError
from actors.package.files import MOST_FILES, MOST_SMALL_BYTES, Files, Folder, Memory, read_text
from tests.actors.package.manifests import PATHS

CONTENTS = {
    "a.xml": b"<net/>",
    "saved/deep/one.index": b"1",
    "saved/saved_model.pb": b"pb",
    "saved2.txt": b"",
}
ODD = ("", "/etc/passwd", "../x", "a//b", "./a", "a\\b", "C:a", "a\0", "x/" * 9 + "x", "x" * 201)


def on_disk(tmp_path: Path) -> Files:
    for name, content in CONTENTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return Folder(tmp_path)


def in_memory(_: Path) -> Files:
    return Memory(dict(reversed(CONTENTS.items())), "street.zip")


def refused(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(PackageError) as caught:
        ask()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture(params=[on_disk, in_memory])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    make: Callable[[Path], Files] = request.param
    return make(tmp_path)


def test_all_files_are_named_in_order(files: Files) -> None:
    assert files.names() == tuple(CONTENTS)
    assert files.names("saved") == ("saved/deep/one.index", "saved/saved_model.pb")
    assert files.names("saved/deep") == ("saved/deep/one.index",)
    assert files.top() == ("a.xml", "saved", "saved2.txt")


def test_a_file_is_read_whole_or_in_pieces(files: Files) -> None:
    assert {name: files.read(name) for name in files.names()} == CONTENTS
    with files.open("a.xml") as file:
        assert (file.read(4), file.read()) == (b"<net", b"/>")


def test_what_is_not_there_is_told_of(files: Files) -> None:
    assert files.has("a.xml")
    for name in ("gone", "saved", "a.xml/b"):
        assert not files.has(name)
        refused(lambda name=name: files.read(name), f"{name}: there is no such file")  # type: ignore[misc]
        refused(lambda name=name: files.open(name), f"{name}: there is no such file")  # type: ignore[misc]


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_leads_elsewhere_is_refused(files: Files, name: str) -> None:
    for ask in (files.has, files.read, files.open, files.path):
        refused(lambda ask=ask: ask(name), repr(name[:200]))  # type: ignore[misc]


def test_messages_name_the_file_where_it_lies(tmp_path: Path) -> None:
    lies, held = on_disk(tmp_path), in_memory(tmp_path)
    assert (lies.where("a.xml"), lies.where("")) == (f"{tmp_path}/a.xml", str(tmp_path))
    assert (held.where("a.xml"), held.where("")) == ("street.zip/a.xml", "street.zip")
    assert (lies.path("a.xml"), held.path("a.xml")) == (tmp_path / "a.xml", None)


@pytest.mark.parametrize("name", ODD)
def test_memory_holds_no_odd_names(name: str) -> None:
    refused(lambda: Memory({name: b""}, "x.zip"), f"x.zip: {name[:200]!r}: a ")


def test_a_listing_refuses_links_and_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")
    assert Folder(tmp_path).read("link") == b"x"  # a folder in work may be made of links
    refused(Folder(tmp_path).names, "link: is a link; put the file itself in its place")
    (tmp_path / "link").unlink()
    (tmp_path / "way").symlink_to(tmp_path.parent)
    refused(Folder(tmp_path).names, "way: is a link")
    (tmp_path / "way").unlink()
    os.mkfifo(tmp_path / "pipe")
    refused(Folder(tmp_path).names, "pipe: is neither a file nor a folder")
    assert not Folder(tmp_path).has("pipe")


def test_a_listing_refuses_names_that_no_package_has(tmp_path: Path) -> None:
    (tmp_path / "good").touch()
    (tmp_path / "a\nb").touch()
    refused(Folder(tmp_path).names, "a name has no control or invisible characters")
    assert Folder(tmp_path).top() == ("good",)


def test_a_listing_has_an_end(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1):
        (tmp_path / str(number)).touch()
    refused(Folder(tmp_path).names, f"has more than {MOST_FILES} files")
    (tmp_path / "0").unlink()
    assert len(Folder(tmp_path).names()) == MOST_FILES


def test_a_folder_that_is_gone_is_told_of(tmp_path: Path) -> None:
    gone = Folder(tmp_path / "gone")
    refused(gone.names, "gone: No such file or directory")
    refused(gone.top, "gone: No such file or directory")
    refused(lambda: Folder(tmp_path / ("x" * 300)).has("a"), "File name too long")


def test_words_are_short_and_utf_8(files: Files) -> None:
    assert read_text(files, "a.xml") == "<net/>"


def test_words_that_are_none_are_refused() -> None:
    most = b"x" * MOST_SMALL_BYTES
    files = Memory({"bom": b"\xef\xbb\xbfa", "raw": b"\xff", "long": most + b"x", "most": most})
    assert read_text(files, "bom") == "a"
    assert len(read_text(files, "most")) == MOST_SMALL_BYTES
    refused(lambda: read_text(files, "raw"), "package/raw: 'utf-8' codec can't decode byte 0xff")
    refused(lambda: read_text(files, "long"), f"long: longer than {MOST_SMALL_BYTES} bytes")


@given(PATHS)
def test_a_good_name_is_taken(name: str) -> None:
    assert Memory({name: b"x"}).read(name) == b"x"
