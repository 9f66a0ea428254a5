"""`retinue watch` as a user has it: in a terminal, in a pipe, without a device."""

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

import pytest

from actors.tenancy import claim
from tests.cli.conftest import ROOT, Retinue
from tests.publisher import publishing

PATIENCE_S = 30
OTHER_SCREEN, FIRST_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
Watching = tuple["subprocess.Popen[bytes]", int]


@contextmanager
def watching(environ: dict[str, str]) -> Iterator[Watching]:
    """The command in a terminal of 80 by 24, and this end of it."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "cli.main", "watch"]
    rest = {key: value for key, value in environ.items() if key not in {"COLUMNS", "LINES"}}
    with subprocess.Popen(
        command,
        env=rest | {"TERM": "xterm-256color"},
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            os.close(ours)


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What is written to the terminal until `wanted` is in it; b"" wanted: until it is closed."""
    text, end_s = b"", time.monotonic() + PATIENCE_S
    while not wanted or wanted not in text:
        assert select.select([terminal], [], [], max(0.0, end_s - time.monotonic()))[0], text
        try:
            text += os.read(terminal, 65536)
        except OSError:  # a terminal whose other end is closed
            assert not wanted, text
            break
    return text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_shows_the_device_until_it_is_told_to_end(
    run_dir: Path, environ: dict[str, str], number: signal.Signals
) -> None:
    claim(run_dir, "camera-front")
    with publishing(run_dir), watching(environ) as (process, terminal):
        shown = read_until(terminal, b"2 person")
        process.send_signal(number)
        shown += read_until(terminal, b"")
        assert process.wait(PATIENCE_S) == 0
    assert shown.startswith(OTHER_SCREEN)
    assert FIRST_SCREEN in shown
    assert b"camera-front" in shown
    assert b"Traceback" not in shown


def test_without_a_terminal_it_shows_the_table_once(retinue: Retinue, run_dir: Path) -> None:
    claim(run_dir, "camera-front")
    with publishing(run_dir):
        done = retinue("watch")
    assert done.returncode == 0
    assert "watch needs a terminal" in done.stderr
    assert done.stdout.startswith("actor ")
    assert "camera-front: as scripted" in done.stdout
    assert "\x1b" not in done.stdout


def test_without_a_device_it_says_what_ps_says(retinue: Retinue) -> None:
    watch, ps = retinue("watch"), retinue("ps")
    assert (watch.returncode, watch.stderr) == (ps.returncode, ps.stderr)
    assert watch.returncode == 1
