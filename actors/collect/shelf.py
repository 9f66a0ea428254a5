"""Kept pictures on disk: `<camera>/<name>.jpg` with `<name>.json` beside it.

The folder is the truth: whoever looks sees what is there, and one that removes does not disturb one
that adds. A picture counts once its sidecar is there, which comes last and goes first: what a crash
or a power cut leaves is half a picture that nobody sees, and `sweep` removes. Files of other names
are never touched.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from actors.collect.naming import (
    CAMERA,
    PICTURE,
    SIDECAR,
    free_stem,
    percent,
    percent_in,
    stem_of,
)
from actors.collect.sidecar import Sidecar, decode
from actors.durable import sync_folder
from actors.tenancy import make_room

NEW = ".new"  # what is being written: `.<name>.jpg.new`
LEAST_FREE_BYTES = 64 << 20  # left for everybody else on this disk
MB_BYTES = 1 << 20
FOR_ITS_OWNER = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


class NoRoom(Exception):
    """The disk is nearly full: says how many bytes there are."""


class BadSidecar(Exception):
    """What is wrong with a picture's sidecar, in one sentence."""


class Picture(NamedTuple):
    """One kept picture, whole."""

    camera: str
    path: Path  # the JPEG
    size_bytes: int  # with its sidecar
    captured_utc_ns: int
    score_percent: int  # mean score of its boxes, 0 to 100

    @property
    def sidecar(self) -> Path:
        return self.path.with_suffix(SIDECAR)

    @property
    def title(self) -> str:
        return f"{self.camera}/{self.path.stem}"


def free_bytes(folder: Path) -> int:
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


class Shelf:
    """`root` is `images` of the state directory. For any number of threads."""

    def __init__(self, root: Path, free: Callable[[Path], int] = free_bytes) -> None:
        self.root, self._free, self._lock = root, free, Lock()

    def pictures(self) -> list[Picture]:
        """All that are whole, the oldest first."""
        found = [picture for folder in self._folders() for picture in _whole(folder)]
        return sorted(found, key=lambda each: (each.captured_utc_ns, each.title))

    def sidecar(self, picture: Picture) -> Sidecar:
        """Raises `BadSidecar`, also for one that was removed."""
        try:
            return decode(picture.sidecar.read_bytes())
        except OSError as error:
            raise BadSidecar(f"{picture.sidecar}: {error.strerror}") from error
        except msgspec.MsgspecError as error:
            raise BadSidecar(f"{picture.sidecar}: is damaged ({error})") from error

    def keep(self, jpeg: bytes, about: Sidecar) -> Picture:
        """Have it on the disk, durably. Raises `OSError` or `NoRoom`, and leaves nothing then."""
        room = make_room(self.root, about.camera)
        left = self._free(room)
        if left < LEAST_FREE_BYTES + len(jpeg):
            raise NoRoom(
                f"{self.root}: {left // MB_BYTES} MB are free on its disk and "
                f"{LEAST_FREE_BYTES // MB_BYTES} MB are left to others; make room there"
            )
        score = percent(about.scores)
        with self._lock:
            taken = {Path(name).stem for name in os.listdir(room)}  # noqa: PTH208 names
            stem = free_stem(stem_of(score, about.captured_utc_ns), taken)
            path = room / f"{stem}{PICTURE}"
            sidecar = about.encode()
            try:
                _write(path, jpeg, about.captured_utc_ns)
                _write(path.with_suffix(SIDECAR), sidecar, about.captured_utc_ns)
                for folder in (room, self.root):  # a camera's first brings its folder, too
                    sync_folder(folder)
            except OSError:
                _unlink(path)
                raise
        size = len(jpeg) + len(sidecar)
        return Picture(about.camera, path, size, about.captured_utc_ns, score)

    def remove(self, picture: Picture) -> None:
        """Gone is gone, whoever did it. Raises `OSError`."""
        with self._lock:
            _unlink(picture.path)

    def trim(self, most_bytes: int, oldest_utc_ns: int) -> int:
        """Remove what was captured before `oldest_utc_ns`, and the oldest beyond `most_bytes`;
        how many that were. Raises `OSError`."""
        there = self.pictures()
        total, removed = sum(picture.size_bytes for picture in there), 0
        for picture in there:
            if total <= most_bytes and picture.captured_utc_ns >= oldest_utc_ns:
                break
            self.remove(picture)
            total, removed = total - picture.size_bytes, removed + 1
        return removed

    def sweep(self) -> int:
        """Remove what a crash left half written or half removed; how many files that were.

        For the start of the one process that keeps pictures. Raises `OSError`.
        """
        removed = 0
        for folder in self._folders():
            with os.scandir(folder) as entries:
                names = {each.name for each in entries if each.is_file(follow_symlinks=False)}
            for name in names:
                if _is_left_over(name, names):
                    (folder / name).unlink(missing_ok=True)
                    removed += 1
        return removed

    def _folders(self) -> list[Path]:
        """One a camera, also of those that are configured no more. No links."""
        try:
            with os.scandir(self.root) as entries:
                return sorted(
                    Path(entry.path)
                    for entry in entries
                    if entry.is_dir(follow_symlinks=False) and CAMERA.fullmatch(entry.name)
                )
        except FileNotFoundError:
            return []


def _whole(folder: Path) -> Iterator[Picture]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        files = {each.name: each for each in entries if each.is_file(follow_symlinks=False)}
        for name, entry in files.items():
            stem = name.removesuffix(PICTURE)
            score, beside = percent_in(stem), files.get(stem + SIDECAR)
            if score is None or beside is None or stem == name:
                continue
            with suppress(FileNotFoundError):  # removed between two looks
                status = entry.stat(follow_symlinks=False)
                size = status.st_size + beside.stat(follow_symlinks=False).st_size
                yield Picture(folder.name, folder / name, size, status.st_mtime_ns, score)


def _is_left_over(name: str, names: set[str]) -> bool:
    if name.endswith(NEW):
        path = Path(name.removeprefix(".").removesuffix(NEW))
        return percent_in(path.stem) is not None
    path = Path(name)
    if percent_in(path.stem) is None or path.suffix not in {PICTURE, SIDECAR}:
        return False
    other = SIDECAR if path.suffix == PICTURE else PICTURE
    return path.stem + other not in names


def _write(path: Path, data: bytes, captured_utc_ns: int) -> None:
    """Whole under its name or not at all; its time is the capture's."""
    new = path.with_name(f".{path.name}{NEW}")
    try:
        fd = os.open(new, FOR_ITS_OWNER, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.utime(fd, ns=(captured_utc_ns, captured_utc_ns))
            os.fsync(fd)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _unlink(picture: Path) -> None:
    """The sidecar first: without it the picture is none."""
    picture.with_suffix(SIDECAR).unlink(missing_ok=True)
    picture.unlink(missing_ok=True)
