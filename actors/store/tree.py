"""A package's folder: closed for good, compared, moved, or removed."""

import filecmp
import os
import stat
from contextlib import nullcontext, suppress
from pathlib import Path

from actors.store.disk import Disk
from actors.store.trouble import StoreError, explained

Found = list[tuple[Path, os.stat_result]]


def close(disk: Disk, folder: Path) -> int:
    """Make all in it durable and read-only; how many bytes its files have.

    The folder itself is left to `move_in`: one that is read-only cannot be moved.
    """
    with explained(disk, folder):
        status = disk.status(folder)
        if status and not stat.S_ISDIR(status.st_mode):
            raise StoreError(f"{folder}: not a folder, and a package to be stored is one")
        found = _contents(disk, folder)
    size_bytes = sum(status.st_size for _, status in found if stat.S_ISREG(status.st_mode))
    with explained(disk, folder, size_bytes):
        for path, status in found:
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
                disk.restrict(path, 0o400)
                disk.sync(path)
            elif not stat.S_ISDIR(status.st_mode):
                raise StoreError(
                    f"{path}: a package has plain files and folders only, each with one name"
                )
        for path, status in found:
            if stat.S_ISDIR(status.st_mode):
                disk.restrict(path, 0o500)
                disk.sync(path)
        disk.restrict(folder, 0o700)
    return size_bytes


def same(disk: Disk, one: Path, other: Path) -> bool:
    """Whether both have the same folders and the same files. What cannot be read is not."""
    with suppress(OSError):
        kinds, others = _kinds(disk, one), _kinds(disk, other)
        return kinds == others and all(
            filecmp.cmp(one / name, other / name, shallow=False)
            for name, kind in kinds.items()
            if kind == stat.S_IFREG
        )
    return False


def move_in(disk: Disk, staged: Path, place: Path) -> None:
    """A closed folder to where it is to lie; what lay there goes to where the folder was.

    It and its name are durable then. Raises `OSError`; if it cannot be moved, nothing is.
    """
    aside = staged.with_name(f"{place.name}.old")
    replaces = disk.status(place) is not None
    try:
        if replaces:
            disk.restrict(place, 0o700)
            disk.rename(place, aside)
        disk.rename(staged, place)
    except OSError:
        if replaces:
            with suppress(FileNotFoundError):  # it may not have got so far
                disk.rename(aside, place)
            disk.restrict(place, 0o500)
        raise
    disk.restrict(place, 0o500)
    disk.sync(place)
    disk.sync(place.parent)


def move_back(disk: Disk, place: Path, staged: Path) -> None:
    disk.restrict(place, 0o700)
    disk.rename(place, staged)


def discard(disk: Disk, path: Path) -> None:
    """Remove it with all that is in it, read-only or not, and even if somebody else is at it.

    Raises `OSError`.
    """
    status = disk.status(path)
    if status is None:
        return
    found = [(path, status)]
    if stat.S_ISDIR(status.st_mode):
        found += _contents(disk, path, opening=True)
    for each, its in reversed(found):
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(its.st_mode):
                disk.remove_folder(each)
            else:
                disk.remove(each)


def _kinds(disk: Disk, folder: Path) -> dict[str, int]:
    """By path below it, what lies there: a file, a folder ..."""
    found = _contents(disk, folder)
    return {str(path.relative_to(folder)): stat.S_IFMT(status.st_mode) for path, status in found}


def _contents(disk: Disk, folder: Path, *, opening: bool = False) -> Found:
    """Everything below, each folder before what is in it.

    `opening` lets their owner in, and takes what goes meanwhile for gone.
    """
    gone = suppress(FileNotFoundError) if opening else nullcontext()
    found: Found = []
    waiting = [folder]
    while waiting:
        inside = waiting.pop()
        with gone:
            if opening:
                disk.restrict(inside, 0o700)
            for path in (inside / name for name in disk.names(inside)):
                status = disk.status(path)
                if status:
                    found.append((path, status))
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(path)
    return found
