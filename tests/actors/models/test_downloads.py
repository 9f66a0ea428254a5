"""The folders in which downloads wait to be gone on with."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors.models.downloads import MOST_FOLDERS, clean, folder_of
from actors.models.remote import FetchError, Stopped, Unreachable

RESOURCE = "web https://host/model.zip"


@contextmanager
def held(root: Path, stop: threading.Event | None = None) -> Iterator[Path]:
    with folder_of(root, RESOURCE, 1000, stop or threading.Event(), fail) as folder:
        yield folder


def fail() -> None:
    pytest.fail("nobody else is fetching")


@pytest.mark.parametrize(
    ("outcome", "stays"), [(Unreachable, True), (Stopped, True), (FetchError, False)]
)
def test_what_ended_for_now_only_stays(
    tmp_path: Path, outcome: type[Exception], *, stays: bool
) -> None:
    with pytest.raises(outcome), held(tmp_path) as folder:
        (folder / "part").write_bytes(b"half")
        raise outcome("so")
    assert folder.exists() == stays


def test_what_is_done_is_gone_and_the_next_time_is_the_same_place(tmp_path: Path) -> None:
    with held(tmp_path) as folder:
        (folder / "rest").touch()
    assert not folder.exists()
    with held(tmp_path) as again:
        assert again == folder


def test_two_at_once_take_turns(tmp_path: Path) -> None:
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    told: list[str] = []

    def wait() -> None:
        told.append("waits")
        fcntl.flock(lock, fcntl.LOCK_UN)

    with folder_of(tmp_path, RESOURCE, 1000, threading.Event(), wait) as folder:
        assert folder.exists()
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(lock)
    assert told == ["waits"]


def test_who_waits_can_be_stopped(tmp_path: Path) -> None:
    lock, stop = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT), threading.Event()
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(Stopped), folder_of(tmp_path, RESOURCE, 1000, stop, stop.set):
        pass
    os.close(lock)


def place(root: Path, name: str, size_bytes: int, at_s: int) -> Path:
    folder = root / name
    folder.mkdir()
    (folder / "part").write_bytes(bytes(size_bytes))
    os.utime(folder, (at_s, at_s))
    return folder


def test_the_oldest_go_so_that_a_few_stay(tmp_path: Path) -> None:
    own = place(tmp_path, "own", 10_000, 0)
    folders = [place(tmp_path, str(age), 1, 100 - age) for age in range(MOST_FOLDERS + 3)]
    clean(tmp_path, own, 1000)
    assert [path.exists() for path in folders] == [age < MOST_FOLDERS - 1 for age in range(7)]
    assert own.exists()


def test_the_oldest_go_so_that_they_take_no_more_than_allowed(tmp_path: Path) -> None:
    new, old = place(tmp_path, "new", 600, 2), place(tmp_path, "old", 600, 1)
    clean(tmp_path, tmp_path / "own", 1200)
    assert old.exists()
    clean(tmp_path, tmp_path / "own", 1199)
    assert (new.exists(), old.exists()) == (True, False)
