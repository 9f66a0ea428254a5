"""The store's JSON files: read as what they should be or not at all, replaced whole."""

from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from actors.store.disk import Disk
from actors.store.layout import SPARE
from actors.store.trouble import StoreError, explained

MOST_BYTES = 65536

Document = TypeVar("Document", bound=Struct)


class Unreadable(Exception):
    """What is wrong with the file, as the rest of a sentence."""


def read(disk: Disk, path: Path, kind: type[Document]) -> Document | None:
    """The document; None if there is no such file; else `Unreadable`."""
    try:
        return msgspec.json.decode(disk.read(path, MOST_BYTES), type=kind)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(f"is damaged ({error})") from error


def replace(disk: Disk, path: Path, document: Struct, copy: Path | None = None) -> None:
    """The new document durably in the place of the old one, or `StoreError` and the old one.

    `copy` is replaced after it. It may be one change older, if that fails or after a power cut.
    """
    data = _encoded(path, document)
    targets = [path, copy] if copy else [path]
    with explained(disk, path, len(data) * len(targets)):
        try:
            for target in targets:
                disk.write(_spare(target), data)
                disk.sync(_spare(target))
            disk.rename(_spare(path), path)
        except OSError:
            for target in targets:
                with suppress(OSError):
                    disk.remove(_spare(target))
            raise
    _make_sure(disk, path, "written, but it may not outlast a power cut")
    if copy:
        with suppress(OSError):  # done is done: this is the copy for bad days only
            disk.rename(_spare(copy), copy)


def remove(disk: Disk, path: Path) -> None:
    """Durably without the document. None there is as well."""
    with explained(disk, path), suppress(FileNotFoundError):
        disk.remove(path)
    _make_sure(disk, path, "removed, but it may come back after a power cut")


def _encoded(path: Path, document: Struct) -> bytes:
    """Refuses what could not be read again."""
    try:
        data = msgspec.json.format(msgspec.json.encode(document)) + b"\n"
        msgspec.json.decode(data, type=type(document))
    except (msgspec.MsgspecError, ValueError) as error:
        raise StoreError(f"{path}: not written, as it could not be read again: {error}") from error
    if len(data) > MOST_BYTES:
        raise StoreError(f"{path}: not written: {len(data):,} bytes; {MOST_BYTES:,} are allowed")
    return data


def _make_sure(disk: Disk, path: Path, unsure: str) -> None:
    try:
        disk.sync(path.parent)
    except OSError as error:
        raise StoreError(f"{path}: {unsure} ({error.strerror}); look after the disk") from error


def _spare(path: Path) -> Path:
    return path.with_name(path.name + SPARE)
