"""Zips: cut, changed, lying, and meant to harm."""

import stat
from collections.abc import Callable

from actors.package.admission import Request
from tests.actors.models.refusals.workshop import STREET, Bad, Workshop
from tests.actors.package.zips import FOLDER, LINK, Entry, Lies, build

XML = Entry(b"street.xml", (STREET / "street.xml").read_bytes(), method=8)
BIN = Entry(b"street.bin", (STREET / "street.bin").read_bytes())
GIB = 1 << 30


def cut(share: float) -> Callable[[Workshop], Request]:
    def make(shop: Workshop) -> Request:
        archive = shop.zipped(shop.package())
        data = archive.read_bytes()
        archive.write_bytes(data[: int(len(data) * share)])
        return shop.request(archive)

    return make


def changed(shop: Workshop) -> Request:
    archive = shop.zipped(shop.package())
    data = bytearray(archive.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    archive.write_bytes(data)
    return shop.request(archive)


def a_piece_taken_out(shop: Workshop) -> Request:
    archive = shop.zipped(shop.package())
    data = archive.read_bytes()
    archive.write_bytes(data[:1000] + data[1100:])
    return shop.request(archive)


def holding(*entries: Entry, end: Lies = Lies()) -> Callable[[Workshop], Request]:  # noqa: B008 frozen
    """A model, and beside it what should not be there."""
    return lambda shop: shop.request(shop.file("x.zip", build([XML, BIN, *entries], end)))


def named(name: bytes) -> Callable[[Workshop], Request]:
    return holding(Entry(name, b"gotcha"))


def only(*entries: Entry) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(shop.file("x.zip", build(entries)))


ARCHIVES = {
    "a zip that is cut off": Bad(cut(0.5), "package.zip: is no zip, or cut off"),
    "a zip of which only the start came": Bad(cut(0.01), "is no zip, or cut off"),
    "a zip with a hole": Bad(a_piece_taken_out, "its tables do not lie where they say"),
    "a zip with zeros in it": Bad(changed, "'street.bin': has other than the"),
    "an empty zip": Bad(only(), "x.zip: has no files"),
    "a zip of a zip": Bad(only(Entry(b"model.zip", build([XML, BIN]))), "found none"),
    "a way out": Bad(named(b"../../etc/cron.d/x"), "no empty part, no . and no .."),
    "a way out in the middle": Bad(named(b"a/../../x"), "no empty part, no . and no .."),
    "an absolute name": Bad(named(b"/etc/passwd"), "a path is relative to the package"),
    "a drive": Bad(named(b"C:x"), "without backslash, colon or drive"),
    "a way out for Windows": Bad(named(b"..\\..\\x"), "without backslash, colon or drive"),
    "a name with an escape in it": Bad(named(b"\x1b[2Jx"), "no control or invisible characters"),
    "a name in a code page": Bad(named(b"caf\x82"), "is not ASCII and not marked as UTF-8"),
    "a long name": Bad(named(b"x" * 201), "a path has at most 200 bytes"),
    "a deep name": Bad(named(b"x/" * 8 + b"x"), "a path has at most 8 parts"),
    "a name twice": Bad(holding(XML), "'street.xml': is there twice"),
    "a name twice, but for its case": Bad(named(b"Street.XML"), "differ in case or accents alone"),
    "a file that is a folder": Bad(named(b"street.xml/x"), "is both a file and a folder"),
    "a link": Bad(holding(Entry(b"x", b"/etc/passwd", mode=LINK)), "'x': is a link"),
    "a device": Bad(
        holding(Entry(b"x", mode=stat.S_IFBLK | 0o666)), "'x': is neither a file nor a folder"
    ),
    "a pipe": Bad(
        holding(Entry(b"x", mode=stat.S_IFIFO | 0o666)), "'x': is neither a file nor a folder"
    ),
    "a file that runs as root": Bad(
        holding(Entry(b"x", b"#!", mode=stat.S_IFREG | stat.S_ISUID | 0o755)), "another's rights"
    ),
    "a folder with contents": Bad(
        holding(Entry(b"x/", b"gotcha", mode=FOLDER)), "a folder with contents of its own"
    ),
    "a bomb": Bad(
        holding(Entry(b"x", bytes(64 << 20), method=8)), "unpacks to more than 200 times its size"
    ),
    "a bomb that says it is small": Bad(
        holding(Entry(b"x", bytes(8 << 20), method=8, size=1000)), "other than the 1000 bytes"
    ),
    "a bomb of many": Bad(
        holding(*(Entry(b"%d" % at) for at in range(1000))), "has 1002 members, more than 1000"
    ),
    "a bomb of some": Bad(
        holding(*(Entry(b"%d" % at, raw=bytes(6 << 20), method=8, size=GIB) for at in range(3))),
        f"makes the whole more than {2 * GIB} bytes",
    ),
    "a bomb of layers": Bad(
        holding(Entry(b"x", bytes(1000), method=8, header_at=0, local_name=b"")),
        "its two headers disagree",
    ),
    "one that is large": Bad(
        holding(Entry(b"x", size=GIB + 1, raw=bytes(6 << 20), method=8)), f"over {GIB}"
    ),
    "one that is encrypted": Bad(holding(Entry(b"x", b"?", flags=1)), "'x': is encrypted"),
    "one that is packed otherwise": Bad(holding(Entry(b"x", b"?", method=12)), "by method 12"),
    "one with a wrong checksum": Bad(holding(Entry(b"x", b"?", crc=1)), "its checksum is wrong"),
    "one with two names": Bad(
        holding(Entry(b"x", b"?", local_name=b"y")), "its two headers disagree"
    ),
    "one with a third name": Bad(
        holding(Entry(b"x", b"?", extra=b"\x75\x70\x01\x00y")), "another would read otherwise"
    ),
    "one that is hidden": Bad(
        holding(Entry(b"x", b"?", behind=build([Entry(b"y", b"?")]))), "something is hidden"
    ),
    "one that lies elsewhere": Bad(holding(Entry(b"x", disk=1)), "spans disks or uses ZIP64"),
    "fewer members than it says": Bad(holding(end=Lies(members=3)), "x.zip: is cut off"),
}
