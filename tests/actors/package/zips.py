"""Zips as nobody's packer would write them: each field of each header can lie."""

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
END = struct.Struct("<4s4H2LH")
FILE, FOLDER, LINK = 0o100644, 0o040755, 0o120777


class Entry(NamedTuple):
    """What is None is told as it is."""

    name: bytes
    data: bytes = b""
    method: int = 0
    mode: int = FILE
    attributes: int = 0
    flags: int = 0
    made_by: int = 3  # Unix
    size: int | None = None
    packed: int | None = None
    crc: int | None = None
    header_at: int | None = None
    extra: bytes = b""
    raw: bytes | None = None  # in place of the packed data
    local_name: bytes | None = None
    local_size: int | None = None
    local_method: int | None = None
    local_flags: int | None = None
    behind: bytes = b""  # after the data
    disk: int = 0

    @property
    def stream(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return deflated(self.data) if self.method == 8 else self.data


class Lies(NamedTuple):
    """Lies of the end record."""

    members: int | None = None
    members_here: int | None = None
    size: int | None = None
    at: int | None = None
    comment: bytes = b""
    comment_bytes: int | None = None
    disk: int = 0


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def build(entries: Sequence[Entry], end: Lies = Lies(), before: bytes = b"") -> bytes:  # noqa: B008 frozen
    body, table = before, b""
    for entry in entries:
        stream = entry.stream
        size = told(entry.size, len(entry.data))
        packed = told(entry.packed, len(stream))
        crc = told(entry.crc, zlib.crc32(entry.data))
        at = told(entry.header_at, len(body))
        name = entry.name if entry.local_name is None else entry.local_name
        body += LOCAL.pack(
            b"PK\3\4", 20, told(entry.local_flags, entry.flags),
            told(entry.local_method, entry.method), 0, 33, crc, packed,
            told(entry.local_size, size), len(name), len(entry.extra),
        )  # fmt: skip
        body += name + entry.extra + stream + entry.behind
        table += ENTRY.pack(
            b"PK\1\2", entry.made_by << 8 | 20, 20, entry.flags, entry.method, 0, 33, crc, packed,
            size, len(entry.name), len(entry.extra), 0, entry.disk, 0,
            entry.mode << 16 | entry.attributes, at,
        )  # fmt: skip
        table += entry.name + entry.extra
    count = told(end.members, len(entries))
    return (
        body
        + table
        + END.pack(
            b"PK\5\6", end.disk, end.disk, told(end.members_here, count), count,
            told(end.size, len(table)), told(end.at, len(body)),
            told(end.comment_bytes, len(end.comment)),
        )
        + end.comment
    )  # fmt: skip


def told(lie: int | None, truth: int) -> int:
    return truth if lie is None else lie
