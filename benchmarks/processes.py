"""Child processes and run directories that are gone at the end of the block."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from actors.tenancy import end as end_process
from actors.tenancy import make_run_dir, strays

ROOT = Path(__file__).parents[1]
GRACE_S = 8.0


@contextmanager
def run_dir() -> Iterator[Path]:
    """A run directory with a path short enough for unix sockets; no actor in it survives."""
    path = Path(tempfile.mkdtemp(prefix="rb-"))
    make_run_dir(path)
    try:
        yield path
    finally:
        for pid in strays(path):
            end_process(pid, GRACE_S)
        shutil.rmtree(path)


@contextmanager
def child(
    *command: str, env: Mapping[str, str] | None = None, quiet: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """A process with its standard output piped; ended by SIGTERM, at last by SIGKILL."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line of one of our own modules."""
    return sys.executable, "-m", name, *arguments
