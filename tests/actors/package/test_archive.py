"""Zips from strangers: what is taken, what is refused, and that nothing lands outside."""

import io
import os
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.package import PackageError
from actors.package.archive import LIMITS, Limits, unpack
from actors.package.files import Files
from tests.actors.package.zips import FOLDER, LINK, Entry, Lies, build, deflated
from tests.programs import program

CONTENTS = {"config.json": b"{}", "model/a.xml": b"<net/>" * 100, "model/a.bin": bytes(range(256))}


def unpacked(archive: Path | bytes, into: Path | None = None, limits: Limits = LIMITS) -> Files:
    return unpack(archive, into, limits, "x.zip")


def contents(files: Files) -> dict[str, bytes]:
    return {name: files.read(name) for name in files.names()}


def entries(packed: dict[str, bytes]) -> list[Entry]:
    return [Entry(name.encode(), data, method=8) for name, data in packed.items()]


def refused(archive: bytes, says: str, tmp_path: Path, limits: Limits = LIMITS) -> None:
    """In memory and on a disk, with the same sentence."""
    place = tmp_path / "outer" / "into"
    place.parent.mkdir(exist_ok=True)
    for into in (None, place):
        with pytest.raises(PackageError) as caught:
            unpacked(archive, into, limits)
        assert says in str(caught.value)
        assert str(caught.value).startswith("x.zip: ")
        assert "\n" not in str(caught.value)
    shutil.rmtree(place, ignore_errors=True)
    assert list(place.parent.iterdir()) == []
    assert list(tmp_path.iterdir()) == [place.parent]


def test_files_are_what_they_were_in_memory_and_on_a_disk(tmp_path: Path) -> None:
    archive = build(entries(CONTENTS))
    (tmp_path / "x.zip").write_bytes(archive)
    into = tmp_path / "into"
    assert contents(unpacked(archive)) == CONTENTS
    assert contents(unpacked(tmp_path / "x.zip")) == CONTENTS
    assert contents(unpacked(tmp_path / "x.zip", into)) == CONTENTS
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in (into, *into.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_it_is_unpacked_into_an_empty_folder_only(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    with pytest.raises(PackageError, match="is not empty"):
        unpacked(build(entries(CONTENTS)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    with pytest.raises(PackageError, match=r"x\.zip: No such file or directory: .*/no/into"):
        unpacked(build(entries(CONTENTS)), tmp_path / "no" / "into")


def test_what_ordinary_packers_write_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "street"
    for name, data in CONTENTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    made = [shutil.make_archive(str(tmp_path / "python"), "zip", folder)]
    unseekable = io.BytesIO()
    unseekable.seekable = lambda: False  # type: ignore[method-assign]
    unseekable.seek = refuse_seek  # type: ignore[method-assign]
    with zipfile.ZipFile(unseekable, "w", zipfile.ZIP_DEFLATED) as streamed:
        for name, data in CONTENTS.items():
            streamed.writestr(name, data)
    (tmp_path / "streamed.zip").write_bytes(unseekable.getvalue())
    made.append(str(tmp_path / "streamed.zip"))
    for archive in made:
        assert contents(unpacked(Path(archive))) == CONTENTS


def refuse_seek(*_: int) -> int:
    raise io.UnsupportedOperation


@pytest.mark.parametrize(
    "command",
    [["zip", "-r", "x.zip", "."], ["zip", "-r0", "x.zip", "."], ["sh", "-c", "zip -r - . > x.zip"]],
)
def test_what_info_zip_writes_is_taken(tmp_path: Path, command: list[str]) -> None:
    program("zip")
    for name, data in CONTENTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    found = contents(unpacked(tmp_path / "x.zip"))
    found.pop("x.zip", None)  # the third one packs itself, too
    assert found == CONTENTS


def test_a_zipped_folder_is_taken_as_what_is_in_it() -> None:
    inside = {f"street/{name}": data for name, data in CONTENTS.items()}
    folder = Entry(b"street/", mode=FOLDER, attributes=0x10)
    assert contents(unpacked(build([folder, *entries(inside)]))) == CONTENTS
    twice = {f"a/{name}": data for name, data in inside.items()}
    assert contents(unpacked(build(entries(twice)))) == inside
    beside = {"readme.txt": b"", **inside}
    assert contents(unpacked(build(entries(beside)))) == beside
    alone = {"street": b"a file"}
    assert contents(unpacked(build(entries(alone)))) == alone


def test_what_macos_adds_is_left_out() -> None:
    inside = {f"street/{name}": data for name, data in CONTENTS.items()}
    added = {"street/.DS_Store": b"x", "__MACOSX/street/._config.json": b"x", "__MACOSX/._x": b""}
    assert contents(unpacked(build(entries({**inside, **added})))) == CONTENTS


HOSTILE_NAMES = {
    b"../evil": "no . and no ..",
    b"a/../../evil": "no . and no ..",
    b"./a": "no . and no ..",
    b"a//b": "no empty part",
    b"/etc/cron.d/evil": "is relative to the package",
    b"//server/share": "is relative to the package",
    b"\\\\server\\share": "without backslash, colon or drive",
    b"..\\evil": "without backslash, colon or drive",
    b"a\\b": "without backslash, colon or drive",
    b"C:\\evil": "without backslash, colon or drive",
    b"C:evil": "without backslash, colon or drive",
    b"C:/evil": "without backslash, colon or drive",
    b"a.txt:stream": "without backslash, colon or drive",
    b"a\0.txt": "no control or invisible characters",
    b"a\n.txt": "no control or invisible characters",
    b"a\x1b[2J": "no control or invisible characters",
    b"a\x7f": "no control or invisible characters",
    "a\u202eexe.".encode(): "no control or invisible characters",
    "a\u2028".encode(): "no control or invisible characters",
    b"": "is not empty",
    b"/": "is not empty",
    b"x" * 201: "at most 200 bytes",
    "é".encode() * 101: "at most 200 bytes",
    b"a/" * 8 + b"a": "at most 8 parts",
    b"\xff": "its name is no UTF-8",
    "é".encode()[:1]: "its name is no UTF-8",
}


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_that_leads_away_is_refused(name: bytes, tmp_path: Path) -> None:
    good = Entry(b"config.json", b"{}")
    for folder in (b"", b"/"):
        hostile = Entry(name + folder, flags=1 << 11, mode=FOLDER if folder else 0o100644)
        if not (folder and name in {b"", b"/"}):
            refused(build([good, hostile]), HOSTILE_NAMES[name], tmp_path)


def test_a_name_in_an_unknown_code_page_is_refused(tmp_path: Path) -> None:
    for name in ("café".encode("cp437"), "café".encode()):
        refused(build([Entry(name)]), "is not ASCII and not marked as UTF-8", tmp_path)
    assert unpacked(build([Entry("café".encode(), flags=1 << 11)])).names() == ("café",)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ((b"a", b"a"), "'a': is there twice"),
        ((b"a/b", b"a/b"), "'a/b': is there twice"),
        ((b"a", b"A"), "'a' and 'A': differ in case or accents alone"),
        ((b"x/a", b"X/b"), "'x/' and 'X/': differ in case or accents alone"),
        (("stra\u00dfe".encode(), b"STRASSE"), "differ in case or accents alone"),
        (("\u00e9".encode(), "e\u0301".encode()), "differ in case or accents alone"),
        ((b"a", b"a/b"), "'a': is both a file and a folder"),
        ((b"a/b", b"a"), "'a': is both a file and a folder"),
        ((b"a/b/c", b"a/B"), "differ in case or accents alone"),
        ((b"a/", b"a"), "'a': is both a file and a folder"),
        ((b"a/", b"a/"), "'a/': is there twice"),
    ],
)
def test_two_names_for_one_place_are_refused(
    names: tuple[bytes, ...], says: str, tmp_path: Path
) -> None:
    made = [
        Entry(name, mode=FOLDER if name.endswith(b"/") else 0o100644, flags=1 << 11)
        for name in names
    ]
    refused(build(made), says, tmp_path)


BAD_MEMBERS = {
    "is a link": [
        Entry(b"a", b"/etc/passwd", mode=LINK),
        Entry(b"a", b"/etc/passwd", mode=LINK, made_by=0),
        Entry(b"a", b"", attributes=0x400),
        Entry(b"a/", b"", mode=LINK),
    ],
    "is neither a file nor a folder": [
        Entry(b"a", mode=0o010644),  # pipe
        Entry(b"a", mode=0o020644),  # character device
        Entry(b"a", mode=0o060644),  # block device
        Entry(b"a", mode=0o140644),  # socket
        Entry(b"a", mode=0o170644),
        Entry(b"a", attributes=0x08),
    ],
    "is a folder by its name or by its mode": [
        Entry(b"a", mode=FOLDER),
        Entry(b"a/", mode=0o100644),
        Entry(b"a", mode=0, attributes=0x10),
    ],
    "is a folder with contents of its own": [Entry(b"a/", b"x", mode=FOLDER)],
    "runs with another's rights": [
        Entry(b"a", mode=0o104755),
        Entry(b"a", mode=0o102755),
        Entry(b"a", mode=0o101755),
    ],
    "is encrypted": [Entry(b"a", flags=1), Entry(b"a", flags=1 | 1 << 6)],
    "flags that are not understood": [
        Entry(b"a", flags=1 << 13),
        Entry(b"a", flags=1 << 5),
        Entry(b"a", flags=1 << 6),
    ],
    "is packed by method": [Entry(b"a", method=n) for n in (1, 9, 12, 14, 93, 95, 99)],
    "is stored, and its two sizes differ": [
        Entry(b"a", b"xy", size=1),
        Entry(b"a", b"xy", size=3),
    ],
    "spans disks or uses ZIP64": [
        Entry(b"a", size=0xFFFFFFFF),
        Entry(b"a", packed=0xFFFFFFFF),
        Entry(b"a", header_at=0xFFFFFFFF),
        Entry(b"a", disk=1),
    ],
    "its two headers disagree": [
        Entry(b"a", local_name=b"b"),
        Entry(b"a", local_name=b"ab"),
        Entry(b"a", local_method=8),
        Entry(b"a", b"x", local_size=2),
        Entry(b"a", local_flags=1),
    ],
    "has extra fields that another would read": [
        Entry(b"a", extra=b"\x75\x70\x06\0\1\0\0\0\0b"),
        Entry(b"a", extra=b"UT\x05\0\1\0\0\0\0\x75\x70\x06\0\1\0\0\0\0b"),
        Entry(b"a", extra=b"UT\x05\0\1\0\0\0"),
    ],
    "has no header where it should lie": [
        Entry(b"a", header_at=1),
        Entry(b"a", b"x", header_at=20),
    ],
    "is damaged: its checksum is wrong": [Entry(b"a", b"x", crc=1), Entry(b"a", b"x", 8, crc=1)],
    "has other than the 2 bytes that it claims": [
        Entry(b"a", b"xyz", method=8, size=2),
        Entry(b"a", b"x", method=8, size=2),
    ],
    "is damaged: ": [
        Entry(b"a", b"xyz", method=8, raw=b"\xff\xff\xff"),
        Entry(b"a", b"xyz", method=8, raw=deflated(b"xyz")[:-1]),
        Entry(b"a", b"xyz", method=8, raw=deflated(b"xyz") + b"tail"),
        Entry(b"a", b"xyz", method=8, raw=deflated(b"xyz") + b"t" * (1 << 19)),
        Entry(b"a", b"xyz", method=8, raw=b""),
    ],
}


@pytest.mark.parametrize(
    ("says", "entry"), [(says, entry) for says, made in BAD_MEMBERS.items() for entry in made]
)
def test_a_member_that_is_no_plain_file_or_lies_is_refused(
    says: str, entry: Entry, tmp_path: Path
) -> None:
    refused(build([Entry(b"config.json", b"{}"), entry]), says, tmp_path)


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (Lies(members=0), "is not as long as it says"),
        (Lies(members=1), "is not as long as it says"),
        (Lies(members=3), "x.zip: is cut off"),
        (Lies(members=1001), "has 1001 members, more than 1000"),
        (Lies(members=0xFFFF), "spans disks or uses ZIP64"),
        (Lies(members_here=1), "spans disks or uses ZIP64"),
        (Lies(disk=1), "spans disks or uses ZIP64"),
        (Lies(size=0xFFFFFFFF), "spans disks or uses ZIP64"),
        (Lies(at=0xFFFFFFFF), "spans disks or uses ZIP64"),
        (Lies(at=1), "do not lie where they say"),
        (Lies(size=1), "do not lie where they say"),
        (Lies(comment=b"hello", comment_bytes=4), "do not lie where they say"),
        (Lies(comment_bytes=1), "do not lie where they say"),
    ],
)
def test_tables_that_lie_are_refused(end: Lies, says: str, tmp_path: Path) -> None:
    two = [Entry(b"a", b"x"), Entry(b"b", b"y")]
    refused(build(two, end), says, tmp_path)


def test_a_comment_is_no_harm_and_something_before_or_behind_is(tmp_path: Path) -> None:
    one = [Entry(b"a", b"x")]
    for length in (1, 0xFFFF):
        assert unpacked(build(one, Lies(comment=b"c" * length))).names() == ("a",)
    refused(b"#!/bin/sh\n" + build(one), "do not lie where they say", tmp_path)
    refused(build(one) + b"\n", "do not lie where they say", tmp_path)
    refused(build(one) + b"\n" * 70_000, "is no zip, or cut off", tmp_path)
    hidden = build([Entry(b"other", b"x")])  # another package behind the first
    refused(build(one) + hidden, "do not lie where they say", tmp_path)
    refused(build(one, before=build(one)), "'a': something is hidden before it", tmp_path)
    refused(build([Entry(b"a", b"x", behind=bytes(30))]), "hidden behind its last", tmp_path)
    for described in (b"PK\7\x08" + bytes(12), bytes(12), bytes(24)):  # as streams are written
        assert unpacked(build([Entry(b"a", b"x", behind=described)])).names() == ("a",)


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\5\6", b"PK\3\4" + b"\0" * 100, b"x" * 100_000, b"\x1f\x8b\x08gzip"]
)
def test_what_is_no_zip_is_refused(data: bytes, tmp_path: Path) -> None:
    refused(data, "is no zip, or cut off", tmp_path)


def test_an_archive_without_files_is_refused(tmp_path: Path) -> None:
    refused(build([]), "has no files", tmp_path)
    refused(build([Entry(b"a/", mode=FOLDER)]), "has no files", tmp_path)
    refused(build([Entry(b"__MACOSX/a")]), "has no files", tmp_path)


def test_overlaid_members_are_refused(tmp_path: Path) -> None:
    """A few bytes that many members share unpack to any number of bytes."""
    kernel = Entry(b"a", bytes(1000), method=8)
    shared = [kernel, kernel._replace(name=b"b", local_name=b"b", header_at=0)]
    refused(build(shared), "its two headers disagree", tmp_path)
    second = build([Entry(b"b", b"inner")])[:36]  # a whole local header, quoted by another member
    quoting = Entry(b"a", second)
    inner = Entry(b"b", b"inner", header_at=31)
    refused(build([quoting, inner]), "overlaps with another member", tmp_path)
    into_table = Entry(b"a", b"x", packed=200, size=200)
    refused(build([into_table]), "overlaps with another member", tmp_path)


def test_limits_hold(tmp_path: Path) -> None:
    three = build([Entry(b"%d" % n, bytes([n]) * 100) for n in range(3)])
    unpacked(three, None, Limits(len(three), 3, 100, 300))
    refused(three, f"has {len(three)} bytes, over 100", tmp_path, Limits(archive_bytes=100))
    refused(three, "has 3 members, more than 2", tmp_path, Limits(members=2))
    refused(three, "'0': has 100 bytes, over 99", tmp_path, Limits(member_bytes=99))
    refused(three, "'2': makes the whole more than 299", tmp_path, Limits(total_bytes=299))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    flat = build([Entry(b"a", bytes(10 << 20), method=8)])
    assert len(flat) < 20_000
    refused(flat, "'a': unpacks to more than 200 times its size", tmp_path)
    unpacked(flat, None, Limits(ratio=1100))
    small = build([Entry(b"a", bytes(1 << 20), method=8)])
    assert unpacked(small).read("a") == bytes(1 << 20)


def test_a_bomb_that_says_it_is_small_is_stopped_where_it_said_it_ends(tmp_path: Path) -> None:
    lying = build([Entry(b"a", bytes(100 << 20), method=8, size=1000, crc=0)])
    refused(lying, "has other than the 1000 bytes that it claims", tmp_path)
    into = tmp_path / "outer" / "into"
    with pytest.raises(PackageError):
        unpacked(lying, into)
    assert (into / "a").stat().st_size <= 1000


def test_a_bomb_in_a_zip_in_a_zip_stays_shut() -> None:
    bomb = build([Entry(b"a", bytes(100 << 20), method=8)])
    assert unpacked(build([Entry(b"bomb.zip", bomb)])).read("bomb.zip") == bomb


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.zip", tmp_path):
        with pytest.raises(PackageError, match="there is no such file"):
            unpack(path, None)


NUMBERS = st.sampled_from([0, 1, 5, 30, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]) | st.integers(0, 200)
LIES: dict[str, st.SearchStrategy[Any]] = {
    "name": st.text(st.sampled_from("aAB.é/\\:\0 \u0301"), min_size=1, max_size=12).map(str.encode)
    | st.sampled_from([b"a", b"A", b"../a", b"C:a", b"a/", b".", b"a/../b", b"/a", b"b/a/"]),
    "mode": st.integers(0, 0xFFFF) | st.sampled_from([0, FOLDER, LINK]),
    "attributes": st.integers(0, 0xFFFF),
    "flags": st.integers(0, 0xFFFF),
    "method": st.integers(0, 100),
    "local_name": st.sampled_from([b"../a", b"", b"a"]),
    "raw": st.binary(max_size=40),
    "extra": st.binary(max_size=40),
    "behind": st.binary(max_size=40),
    **dict.fromkeys(("size", "packed", "crc", "header_at", "local_size"), NUMBERS),
}


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """Plain members, of which one or two lie in something."""
    names = draw(st.lists(st.sampled_from([b"a", b"b", b"b/a", b"c/d/a"]), max_size=3, unique=True))
    made = [
        Entry(name, draw(st.binary(max_size=40)), draw(st.sampled_from([0, 8])), flags=1 << 11)
        for name in [*names, b"m.xml"]
    ]
    for key in draw(st.lists(st.sampled_from(sorted(LIES)), max_size=2)):
        at = draw(st.integers(0, len(made) - 1))
        made[at] = made[at]._replace(**{key: draw(LIES[key])})
    return build(made)


@given(archive=hostile())
def test_whatever_is_taken_lies_inside_and_is_what_python_reads(
    archive: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outer = tmp_path_factory.mktemp("outer")
    try:
        files = unpacked(archive, outer / "into")
    except PackageError as error:
        assert "\n" not in str(error)  # noqa: PT017 that is all that may be raised
    else:
        written = [path for path in outer.rglob("*") if not path.is_dir()]
        assert sorted(files.names()) == sorted(
            str(path.relative_to(outer / "into")) for path in written
        )
        assert all(path.is_file() and not path.is_symlink() for path in written)
        with zipfile.ZipFile(io.BytesIO(archive)) as other:
            names = [name for name in other.namelist() if not name.endswith("/")]
            assert len(names) == len(written)
            assert sorted(other.read(name) for name in names) == sorted(
                path.read_bytes() for path in written
            )
    assert [path.name for path in outer.iterdir()] in ([], ["into"])
    shutil.rmtree(outer)


GOOD = build([*entries(CONTENTS), Entry(b"stored", b"as it is")])


@settings(max_examples=500)
@given(at=st.integers(0, len(GOOD) - 1), value=st.integers(1, 255))
def test_a_changed_byte_changes_no_content_unseen(at: int, value: int) -> None:
    """Each is refused, or in what carries no content: times, versions, names, permissions."""
    changed = bytearray(GOOD)
    changed[at] ^= value
    try:
        found = contents(unpacked(bytes(changed)))
    except PackageError:
        return
    assert sorted(found.values()) == sorted({**CONTENTS, "stored": b"as it is"}.values())


@given(data=st.binary(max_size=300) | st.binary(max_size=200).map(lambda raw: raw + GOOD[-200:]))
def test_any_bytes_are_taken_or_refused_by_name(data: bytes) -> None:
    try:
        unpacked(data)
    except PackageError as error:
        assert "\n" not in str(error)  # noqa: PT017 that is all that may be raised


@given(end=st.integers(0, len(GOOD) - 1))
def test_a_cut_off_archive_is_refused(end: int) -> None:
    with pytest.raises(PackageError):
        unpacked(GOOD[:end])


def test_the_umask_gives_no_one_more(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        unpacked(GOOD, tmp_path / "into")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "into").rglob("*")}
    assert modes == {0o600, 0o700}


def test_deflate_and_its_checksum_are_those_of_others() -> None:
    """The builder of these zips is right where it does not lie."""
    with zipfile.ZipFile(io.BytesIO(GOOD)) as other:
        assert other.testzip() is None
        assert {name: other.read(name) for name in CONTENTS} == CONTENTS
