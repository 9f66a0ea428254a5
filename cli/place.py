"""The run directory's one owner, and what a killed predecessor left in it."""

import fcntl
import os
import stat
from pathlib import Path

from actors.tenancy import end, holder, holder_of, lock_path, make_run_dir
from cli.refusal import HELD, NO_ACCESS, Refused

LOCK = "up.lock"
LOCK_FD = 3  # supervisord closes what it inherits from 5 up; its children get none of it
GRACE_S = 3.0


def take(run_dir: Path) -> None:
    """Hold the run directory for this process's life, also through `exec`, or refuse.

    The lock is POSIX's: it stays with the process, and a closed duplicate would give it up. So
    the file is opened, moved to its descriptor, and only then locked.
    """
    try:
        make_run_dir(run_dir)
        opened = os.open(run_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        problem = f"{error.filename or run_dir}: {error.strerror or error}"
        raise Refused(f"{problem}; set RETINUE_RUN to a place of your own", NO_ACCESS) from None
    if opened != LOCK_FD:
        os.dup2(opened, LOCK_FD)
        os.close(opened)
    os.set_inheritable(LOCK_FD, True)  # noqa: FBT003 as the call has it
    try:
        fcntl.lockf(LOCK_FD, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = holder(LOCK_FD)
        raise Refused(
            f"run directory {run_dir} is held by process {pid} (`retinue up`); "
            f"stop it (kill {pid}), or set RETINUE_RUN to another directory",
            HELD,
        ) from None


def clear(run_dir: Path) -> list[int]:
    """End the actors that a killed supervisord left, remove dead sockets; whom it ended."""
    found = {path.stem: holder_of(path) for path in sorted(run_dir.glob("actors/*.lock"))}
    strays = {actor: pid for actor, pid in found.items() if pid}
    for actor, pid in strays.items():
        parent = parent_of(pid)
        if parent == starter_of(run_dir, actor):
            raise Refused(
                f"run directory {run_dir}: {actor} (process {pid}) runs there under process "
                f"{parent}; stop that (kill {parent}), or set RETINUE_RUN to another directory",
                HELD,
            )
    for pid in strays.values():
        end(pid, GRACE_S)
    for path in [*run_dir.glob("*.sock"), *run_dir.glob("bus/*"), *run_dir.glob("frames/*")]:
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
    for path in run_dir.glob("posts/*.json"):  # how they ended says nothing of their models
        path.unlink()
    return list(strays.values())


def starter_of(run_dir: Path, actor: str) -> int:
    """Who started the actor, as its lock file says; 0 if it does not."""
    said = lock_path(run_dir, actor).read_text().split()
    return int(said[0]) if said else 0


def parent_of(pid: int) -> int:
    """The parent now: another than the starter once that is dead."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields["PPid"])
