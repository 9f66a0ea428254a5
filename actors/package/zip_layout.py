"""The tables of a zip: what its members are called and where their bytes lie (APPNOTE 6.3.10).

Only what ordinary packers write is understood: one disk, no ZIP64, tables that agree with each
other and lie where they say. All else is refused, so that no other reader can find another
package in the same bytes.
"""

import os
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from actors.package import PackageError
from actors.package.names import shown

END = struct.Struct("<4s4H2LH")  # 4.3.16, end of central directory record
ENTRY = struct.Struct("<4s6H3L5H2L")  # 4.3.12, central directory header
LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7, local file header
EXTRA = struct.Struct("<2H")  # 4.5.1, before each extra field
OTHER_NAME = 0x7075  # 4.6.9, Info-ZIP's Unicode path
END_MARK, ENTRY_MARK, LOCAL_MARK = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
PIECE_BYTES = 1 << 18
LONGEST_COMMENT = 0xFFFF
# Flags, 4.4.4. Bits 1 and 2 say how hard the packer tried.
ENCRYPTED, TRIED, SIZES_BEHIND, UTF_8 = 1, 2 | 4, 8, 1 << 11
UNDERSTOOD = TRIED | SIZES_BEHIND | UTF_8
ZIP64 = 0xFFFFFFFF  # in a size: the size is elsewhere


class Member(NamedTuple):
    """A file or folder as the central directory has it; sizes are claims."""

    name: str  # of a folder with / at its end
    mode: int  # of Unix, type and permissions; 0 if the packer knew none
    attributes: int  # of DOS
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    header_at: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


class Zip:
    """An open archive; all methods raise `PackageError`, with `title` at its beginning."""

    def __init__(self, file: BinaryIO, title: str) -> None:
        self._file, self._title = file, title
        self.size_bytes = file.seek(0, os.SEEK_END)
        self.directory_at = 0  # known once `members` has begun

    def members(self, most: int) -> Iterator[Member]:
        """One by one, at most `most`: a hostile table is given up at its first fault."""
        count, ends_at = self._read_end(most)
        at = self.directory_at
        for number in range(count):
            row = self._unpack(ENTRY, at, ENTRY_MARK, f"member {number}")
            _, _, _, flags, method, _, _, crc, packed, size, named, extra, told, *rest = row
            disk, _, attributes, header_at = rest
            name = self._name(at + ENTRY.size, named, flags)
            self._check_extra(at + ENTRY.size + named, extra, shown(name))
            at += ENTRY.size + named + extra + told
            if disk or ZIP64 in {packed, size, header_at}:
                raise self._bad(f"{shown(name)}: spans disks or uses ZIP64")
            unix, dos = attributes >> 16, attributes & 0xFFFF
            yield Member(name, unix, dos, flags, method, crc, packed, size, header_at)
        if at != ends_at:
            raise self._bad("its table of members is not as long as it says")

    def data_at(self, member: Member) -> int:
        """Where a member's bytes begin; refused if its own header tells another story."""
        whose = shown(member.name)
        row = self._unpack(LOCAL, member.header_at, LOCAL_MARK, whose)
        _, _, flags, method, _, _, crc, packed, size, named, extra = row
        data_at: int = member.header_at + LOCAL.size + named + extra
        name = self._name(member.header_at + LOCAL.size, named, flags)
        said = (member.crc, member.packed_bytes, member.size_bytes)
        sizes_agree = flags & SIZES_BEHIND or (crc, packed, size) == said
        if (name, method) != (member.name, member.method) or flags & ~UNDERSTOOD or not sizes_agree:
            raise self._bad(f"{whose}: its two headers disagree")
        self._check_extra(data_at - extra, extra, whose)
        return data_at

    def pieces(self, at: int, size_bytes: int) -> Iterator[bytes]:
        """That stretch of the archive, a little at a time."""
        for begin in range(at, at + size_bytes, PIECE_BYTES):
            yield self._read(begin, min(PIECE_BYTES, at + size_bytes - begin))

    def _read(self, at: int, size_bytes: int) -> bytes:
        self._file.seek(at)
        data = self._file.read(size_bytes)
        if len(data) != size_bytes:
            raise self._bad("is cut off")
        return data

    def _read_end(self, most: int) -> tuple[int, int]:
        """How many members there are, and where their table ends."""
        tail_at = max(0, self.size_bytes - END.size - LONGEST_COMMENT)
        tail = self._read(tail_at, self.size_bytes - tail_at)
        found = tail.rfind(END_MARK)
        if found < 0 or len(tail) - found < END.size:
            raise self._bad("is no zip, or cut off")
        _, disk, first_disk, here, count, size, at, comment = END.unpack_from(tail, found)
        ends_at = tail_at + found
        if disk or first_disk or here != count or {count, size, at} & {0xFFFF, ZIP64}:
            raise self._bad("spans disks or uses ZIP64")
        if at + size != ends_at or found + END.size + comment != len(tail):
            raise self._bad("its tables do not lie where they say; pack it anew")
        if count > most:
            raise self._bad(f"has {count} members, more than {most}")
        self.directory_at = at
        return count, ends_at

    def _unpack(self, record: struct.Struct, at: int, mark: bytes, whose: str) -> tuple[Any, ...]:
        row = record.unpack(self._read(at, record.size))
        if row[0] != mark:
            raise self._bad(f"{whose}: has no header where it should lie")
        return row

    def _name(self, at: int, length: int, flags: int) -> str:
        raw = self._read(at, length)
        try:
            return raw.decode("utf-8" if flags & UTF_8 else "ascii")
        except UnicodeDecodeError:  # in some code page: which, is a guess
            rule = "is no UTF-8" if flags & UTF_8 else "is not ASCII and not marked as UTF-8"
            raise self._bad(f"{raw[:80]!r}: its name {rule}; rename it") from None

    def _check_extra(self, at: int, length: int, whose: str) -> None:
        """No field gives another name; all others say nothing that is used here."""
        extra = self._read(at, length)
        while len(extra) >= EXTRA.size:
            kind, size = EXTRA.unpack_from(extra)
            if kind == OTHER_NAME or len(extra) < EXTRA.size + size:
                raise self._bad(f"{whose}: has extra fields that another would read otherwise")
            extra = extra[EXTRA.size + size :]

    def _bad(self, rule: str) -> PackageError:
        return PackageError(f"{self._title}: {rule}")
