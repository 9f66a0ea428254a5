"""Zips unpacked, as if whoever packed them meant harm.

All names and claims are judged before a byte is written, and the claims again while reading: a
member ends where it said, or the whole is refused. Nothing in the archive says where a file goes
or who may read it: files are made anew, 0600, in folders that are 0700. What was unpacked of a
refused archive stays for the caller to remove; what was accepted is the caller's to sync.
"""

import io
import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from actors.package import PackageError
from actors.package.files import Files, Folder, Memory
from actors.package.names import broken_rule, clash, shown
from actors.package.zip_layout import ENCRYPTED, LOCAL, PIECE_BYTES, UNDERSTOOD, Member, Zip

STORED, DEFLATED = 0, 8
NOT_JUDGED_BYTES = 1 << 20  # how well so little is packed
KINDS = {True: {0, stat.S_IFDIR}, False: {0, stat.S_IFREG}}  # by whether it is a folder
SPECIAL = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX
DOS_LABEL, DOS_FOLDER, DOS_LINK = 0x08, 0x10, 0x400
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# What macOS adds to each zip, and no package's author knows of.
LEFT_OUT_FOLDER, LEFT_OUT_FILE = "__MACOSX", ".DS_Store"


class Limits(NamedTuple):
    """What an archive may ask of a device."""

    archive_bytes: int = 1 << 30
    members: int = 1000
    member_bytes: int = 1 << 30
    total_bytes: int = 2 << 30
    ratio: int = 200  # of size to packed size, where the size is over a MiB


LIMITS = Limits()


def unpack(
    archive: Path | bytes, into: Path | None, limits: Limits = LIMITS, title: str = ""
) -> Files:
    """The archive's files, in the empty or new folder `into`, or in memory if that is None.

    Where all files are in one folder at the top, that folder is left out of their names: who
    zips a package often zips its folder. `title` is the archive in messages.
    """
    title = title or (str(archive) if isinstance(archive, Path) else "archive")
    try:
        with _opened(archive, title) as file:
            packed = Zip(file, title)
            chosen = _chosen(packed, limits, title)
            contents = {name: _content(packed, member, title) for name, member in chosen.items()}
            if into is None:
                return Memory({name: _joined(parts) for name, parts in contents.items()}, title)
            _write(into, contents)
            return Folder(into)
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or into or 'reading it'}"
        raise PackageError(f"{title}: {reason}") from error


def judge(archive: Path, limits: Limits = LIMITS, title: str = "") -> None:
    """Refuse what `unpack` would refuse before it writes a byte."""
    title = title or str(archive)
    with _opened(archive, title) as file:
        _chosen(Zip(file, title), limits, title)


def _opened(archive: Path | bytes, title: str) -> BinaryIO:
    if isinstance(archive, bytes):
        return io.BytesIO(archive)
    if not archive.is_file():
        raise PackageError(f"{title}: there is no such file")
    return archive.open("rb")


def _chosen(packed: Zip, limits: Limits, title: str) -> dict[str, Member]:
    """The files to unpack by their names, everything in the archive having been judged."""
    if packed.size_bytes > limits.archive_bytes:
        raise PackageError(f"{title}: has {packed.size_bytes} bytes, over {limits.archive_bytes}")
    members, total_bytes = [], 0
    for member in packed.members(limits.members):
        if rule := _broken_rule(member, limits):
            raise PackageError(f"{title}: {shown(member.name)}: {rule}")
        total_bytes += member.size_bytes
        if total_bytes > limits.total_bytes:
            rule = f"makes the whole more than {limits.total_bytes} bytes"
            raise PackageError(f"{title}: {shown(member.name)}: {rule}")
        members.append(member)
    if together := clash(member.name for member in members):
        raise PackageError(f"{title}: {together}")
    _check_places(packed, members, title)
    return _named(members, title)


def _broken_rule(member: Member, limits: Limits) -> str:
    """The rule that a member breaks; empty if it is good."""
    kind, is_folder = stat.S_IFMT(member.mode), member.is_folder
    most_bytes = max(limits.ratio * member.packed_bytes, NOT_JUDGED_BYTES)
    broken = {
        "is encrypted": member.flags & ENCRYPTED,
        f"has flags that are not understood: {member.flags:#06x}": member.flags & ~UNDERSTOOD,
        f"is packed by method {member.method}, which is neither store nor deflate": (
            member.method not in {STORED, DEFLATED}
        ),
        "is a link": kind == stat.S_IFLNK or member.attributes & DOS_LINK,
        "is neither a file nor a folder": (
            kind not in KINDS[is_folder] | KINDS[not is_folder] or member.attributes & DOS_LABEL
        ),
        "is a folder by its name or by its mode, but not by both": (
            kind not in KINDS[is_folder] or (member.attributes & DOS_FOLDER and not is_folder)
        ),
        "is a folder with contents of its own": is_folder and member.size_bytes,
        "is a file that runs with another's rights": not is_folder and member.mode & SPECIAL,
        "is stored, and its two sizes differ": (
            member.method == STORED and member.packed_bytes != member.size_bytes
        ),
        f"has {member.size_bytes} bytes, over {limits.member_bytes}": (
            member.size_bytes > limits.member_bytes
        ),
        f"unpacks to more than {limits.ratio} times its size": member.size_bytes > most_bytes,
    }
    first = next((rule for rule, is_broken in broken.items() if is_broken), "")
    return broken_rule(member.name.removesuffix("/")) or first


def _check_places(packed: Zip, members: list[Member], title: str) -> None:
    """No byte belongs to two members: overlaid, a few bytes unpack to any number.

    And between members there is no room for one that only who reads from the front would find.
    """
    free_at = 0
    for member in sorted(members, key=lambda one: one.header_at):
        gap_bytes = member.header_at - free_at
        free_at = packed.data_at(member) + member.packed_bytes
        if gap_bytes < 0 or free_at > packed.directory_at:
            raise PackageError(f"{title}: {shown(member.name)}: overlaps with another member")
        if gap_bytes >= LOCAL.size:
            raise PackageError(f"{title}: {shown(member.name)}: something is hidden before it")
    if packed.directory_at - free_at >= LOCAL.size:
        raise PackageError(f"{title}: something is hidden behind its last member")


def _named(members: list[Member], title: str) -> dict[str, Member]:
    files = {one.name: one for one in members if not one.is_folder and not _left_out(one.name)}
    if not files:
        raise PackageError(f"{title}: has no files")
    top, slash, _ = min(files).partition("/")
    in_one_folder = slash and all(name.startswith(top + slash) for name in files)
    return {name.removeprefix(f"{top}/" if in_one_folder else ""): files[name] for name in files}


def _left_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts[0] == LEFT_OUT_FOLDER or path.name == LEFT_OUT_FILE


def _content(packed: Zip, member: Member, title: str) -> Iterator[bytes]:
    """A member's bytes in pieces; refused as soon as they are not what was claimed."""
    size_bytes = crc = 0
    try:
        for piece in _unpacked(packed, member):
            size_bytes += len(piece)
            if size_bytes > member.size_bytes:
                break
            crc = zlib.crc32(piece, crc)
            yield piece
    except (zlib.error, EOFError) as error:
        raise PackageError(f"{title}: {shown(member.name)}: is damaged: {error}") from error
    if size_bytes != member.size_bytes:
        rule = f"has other than the {member.size_bytes} bytes that it claims"
        raise PackageError(f"{title}: {shown(member.name)}: {rule}")
    if crc != member.crc:
        raise PackageError(f"{title}: {shown(member.name)}: is damaged: its checksum is wrong")


def _unpacked(packed: Zip, member: Member) -> Iterator[bytes]:
    pieces = packed.pieces(packed.data_at(member), member.packed_bytes)
    if member.method == STORED:
        yield from pieces
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in pieces:
        if inflater.eof:
            raise EOFError("there is more behind its end")
        yield inflater.decompress(piece, PIECE_BYTES)
        while inflater.unconsumed_tail:
            yield inflater.decompress(inflater.unconsumed_tail, PIECE_BYTES)
    while not inflater.eof and (rest := inflater.decompress(b"", PIECE_BYTES)):
        yield rest
    if not inflater.eof or inflater.unused_data:
        raise EOFError("its end is not where it should be")


def _joined(pieces: Iterable[bytes]) -> bytes:
    """As `b"".join`, which would hold the pieces and the whole at once."""
    whole = io.BytesIO()
    whole.writelines(pieces)
    return whole.getvalue()


def _write(into: Path, contents: Mapping[str, Iterable[bytes]]) -> None:
    into.mkdir(mode=0o700, exist_ok=True)
    if any(into.iterdir()):
        raise PackageError(f"{into}: is not empty: a package is unpacked into a folder of its own")
    for name, pieces in contents.items():
        path = into / name
        for folder in reversed(PurePosixPath(name).parents[:-1]):
            (into / folder).mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, NEW_FILE, 0o600), "wb") as file:
            file.writelines(pieces)
