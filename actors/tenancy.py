"""Who holds a place in the run directory: locks that die with their holder.

`$RUN/actors/<actor>.lock` is locked by the living process of that actor. So a stray, left by
a supervisor that was killed, is found by the lock it holds and not by a number in a file.
"""

import fcntl
import os
import select
import signal
import stat
import struct
from contextlib import suppress
from pathlib import Path

FLOCK = struct.Struct("hhqqi4x")  # struct flock of 64-bit Linux
FOLDERS = ("bus", "frames", "actors", "posts")


def make_run_dir(run_dir: Path) -> None:
    """The run directory and its rooms, for its owner's eyes only."""
    for folder in (run_dir, *(run_dir / name for name in FOLDERS)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
        if status.st_uid != os.getuid():
            raise PermissionError(f"{folder}: belongs to user {status.st_uid}, not {os.getuid()}")
        if status.st_mode & (stat.S_ISVTX | stat.S_IWOTH):  # as /tmp: not ours to close to others
            raise PermissionError(f"{folder}: is open to every user; name a folder inside it")
        folder.chmod(0o700)


def make_room(directory: Path, name: str) -> Path:
    """A folder in the state directory; what was not there is for its owner's eyes only."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    room = directory / name
    room.mkdir(mode=0o700, exist_ok=True)
    return room


def lock_path(run_dir: Path, actor: str) -> Path:
    return run_dir / "actors" / f"{actor}.lock"


def claim(run_dir: Path, actor: str) -> int:
    """Hold the actor's lock for this process's life; how often it was restarted.

    A holder found here is a stray: the supervisor that starts us has no other. It is killed.
    """
    fd = os.open(lock_path(run_dir, actor), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    stray = holder(fd)
    if stray:
        end(stray, grace_s=0)
    fcntl.lockf(fd, fcntl.LOCK_EX)
    supervisor, starts = [*os.read(fd, 64).split(), b"0", b"0"][:2]
    restarts = int(starts) if int(supervisor) == os.getppid() else 0
    os.truncate(fd, 0)
    os.pwrite(fd, b"%d %d" % (os.getppid(), restarts + 1), 0)
    return restarts  # the descriptor stays open, and with it the lock, until the process ends


def retire(run_dir: Path, actor: str) -> None:
    """This process ends on purpose: its next start is none to be counted as a restart."""
    fd = os.open(lock_path(run_dir, actor), os.O_RDWR | os.O_CLOEXEC)  # to close it frees the lock
    supervisor, starts = [*os.read(fd, 64).split(), b"0", b"1"][:2]
    os.truncate(fd, 0)
    os.pwrite(fd, b"%s %d" % (supervisor, int(starts) - 1), 0)


def holder(fd: int) -> int:
    """The process that locks this file, 0 if none does."""
    asked = FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, pid = FLOCK.unpack(fcntl.fcntl(fd, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(pid)


def holder_of(path: Path) -> int:
    """As `holder`, for a path; 0 also if there is no such file."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        return holder(fd)
    finally:
        os.close(fd)


def strays(run_dir: Path) -> list[int]:
    """Processes that hold an actor's lock in this run directory."""
    return [pid for path in run_dir.glob("actors/*.lock") if (pid := holder_of(path))]


def end(pid: int, grace_s: float) -> None:
    """SIGTERM, then after `grace_s` SIGKILL; returns when the process is gone."""
    with suppress(ProcessLookupError):
        process = os.pidfd_open(pid)
        try:
            gone = select.poll()
            gone.register(process, select.POLLIN)
            if grace_s:
                signal.pidfd_send_signal(process, signal.SIGTERM)
            if not grace_s or not gone.poll(grace_s * 1000):
                signal.pidfd_send_signal(process, signal.SIGKILL)
            gone.poll()
        finally:
            os.close(process)
