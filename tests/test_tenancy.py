"""Locks in the run directory, with processes that really hold them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors.tenancy import end, holder_of, lock_path, make_room, make_run_dir, strays
from tests.programs import root

ROOT = Path(__file__).parents[1]
CLAIM = (
    "import sys; from pathlib import Path; from actors.tenancy import claim;"
    "print(claim(Path(sys.argv[1]), 'overlay'), flush=True); sys.stdin.read()"
)


@contextmanager
def claimed(run_dir: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process with the overlay's lock, and how often it says it was restarted."""
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(run_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def test_a_lock_dies_with_its_holder(run_dir: Path) -> None:
    with claimed(run_dir) as (process, _):
        assert holder_of(lock_path(run_dir, "overlay")) == process.pid
        assert strays(run_dir) == [process.pid]
    assert holder_of(lock_path(run_dir, "overlay")) == 0
    assert strays(run_dir) == []


def test_what_was_never_locked_has_no_holder(run_dir: Path) -> None:
    assert holder_of(lock_path(run_dir, "overlay")) == 0


def test_restarts_are_counted_under_one_supervisor(run_dir: Path) -> None:
    counts = []
    for _ in range(3):
        with claimed(run_dir) as (_, restarts):
            counts.append(restarts)
    assert counts == [0, 1, 2]


def test_a_newcomer_ends_the_stray(run_dir: Path) -> None:
    with claimed(run_dir) as (stray, _), claimed(run_dir) as (newcomer, _):
        assert stray.wait(10) == -signal.SIGKILL
        assert holder_of(lock_path(run_dir, "overlay")) == newcomer.pid


def test_a_stopped_process_is_ended_too(run_dir: Path) -> None:
    with claimed(run_dir) as (process, _):
        os.kill(process.pid, signal.SIGSTOP)
        end(process.pid, grace_s=0)
        assert process.wait(10) == -signal.SIGKILL


def test_who_is_gone_is_ended_already() -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    end(gone.pid, grace_s=1)


def test_the_run_directory_is_its_owners_alone(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir(mode=0o755)
    make_run_dir(run_dir)
    for folder in (run_dir, run_dir / "bus", run_dir / "frames", run_dir / "actors"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_strangers_run_directory_is_refused(tmp_path: Path) -> None:
    root()
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    os.chown(run_dir, 12345, 12345)
    with pytest.raises(PermissionError, match="belongs to user 12345"):
        make_run_dir(run_dir)


def test_a_folder_that_is_everybodys_is_never_closed_to_them(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(PermissionError, match="open to every user"):
        make_run_dir(shared)
    assert shared.stat().st_mode & 0o7777 == 0o1777


def test_rooms_of_the_state_directory_are_private_too(tmp_path: Path) -> None:
    room = make_room(tmp_path / "a" / "state", "cache")
    assert [path.stat().st_mode & 0o777 for path in (room, room.parent)] == [0o700, 0o700]
    assert make_room(room.parent, "cache") == room
