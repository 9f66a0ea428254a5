"""The run directory's owner, and what a killed one left."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors.tenancy import holder_of, lock_path
from cli.place import LOCK, clear
from cli.refusal import HELD, Refused

ROOT = Path(__file__).parents[2]
TAKE = "import sys; from pathlib import Path; from cli.place import take; take(Path(sys.argv[1])); "
WAIT = "print('taken', flush=True); sys.stdin.read()"
EXEC = f"import os; os.execv(sys.executable, [sys.executable, '-c', {('import sys;' + WAIT)!r}])"
CLAIM = (
    "import sys; from pathlib import Path; from actors.tenancy import claim;"
    "claim(Path(sys.argv[1]), 'overlay'); print(flush=True); sys.stdin.read()"
)
SPAWN = (
    "import subprocess, sys; "
    "child = subprocess.Popen([sys.executable, '-c', sys.argv[2], sys.argv[1]]); child.wait()"
)


@contextmanager
def python(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that has said one line, ended with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("then", [WAIT, EXEC], ids=["same program", "after exec"])
def test_the_directory_is_held_for_a_processs_life(run_dir: Path, then: str) -> None:
    with python(TAKE + then, str(run_dir)) as first:
        second = subprocess.run(
            [sys.executable, "-c", TAKE, str(run_dir)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"{run_dir} is held by process {first.pid}" in second.stderr
    assert holder_of(run_dir / LOCK) == 0


def test_a_stray_is_ended_once_its_supervisor_is_dead(run_dir: Path) -> None:
    with python(SPAWN, str(run_dir), CLAIM) as supervisor:
        stray = holder_of(lock_path(run_dir, "overlay"))
        supervisor.kill()
        supervisor.wait()
        assert clear(run_dir) == [stray]
        assert holder_of(lock_path(run_dir, "overlay")) == 0


def test_a_living_supervisors_actors_are_left_alone(run_dir: Path) -> None:
    with python(SPAWN, str(run_dir), CLAIM) as supervisor:
        child = holder_of(lock_path(run_dir, "overlay"))
        with pytest.raises(Refused, match=f"under process {supervisor.pid}") as refused:
            clear(run_dir)
        assert refused.value.code == HELD
        os.kill(child, signal.SIGKILL)


def test_dead_sockets_are_removed_and_nothing_else(run_dir: Path) -> None:
    paths = [run_dir / name for name in ("supervisord.sock", "bus/a.sock", "frames/a.sock")]
    for path in paths:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
    kept = run_dir / "bus" / "note.txt"
    kept.touch()
    assert clear(run_dir) == []
    assert not any(path.exists() for path in paths)
    assert kept.exists()
