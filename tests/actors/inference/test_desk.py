"""The post of an entry, between processes."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.inference.desk import Desk, Served, Tenure

DEADLINE_S = 20
HOLD = """
import os, sys, threading
from pathlib import Path
from actors.inference.desk import Desk, Tenure
desk, held = Desk(Path(sys.argv[1]), "eye"), threading.Event()
desk.seek(held.set)
held.wait()
tenure = Tenure("a", os.getpid(), 7, "f00d")
desk.write(tenure)
print("held", flush=True)
if sys.stdin.readline():
    desk.leave(tenure)
    print("left", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holding(run_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLD, str(run_dir)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_killed_holder_frees_its_post_and_did_not_leave(run_dir: Path) -> None:
    desk, held = Desk(run_dir, "eye"), threading.Event()
    with holding(run_dir) as process:
        desk.seek(held.set)
        assert not desk.held
        process.send_signal(signal.SIGKILL)
        assert held.wait(DEADLINE_S)
    assert desk.held
    tenure = desk.read()
    assert tenure
    assert (tenure.generation, tenure.digest, tenure.left) == (7, "f00d", False)


def test_an_incumbent_lives_and_has_written_since_it_took_the_post(run_dir: Path) -> None:
    desk = Desk(run_dir, "eye")
    with holding(run_dir) as process:
        tenure = desk.incumbent()
        assert tenure
        assert (tenure.pid, tenure.generation) == (process.pid, 7)
        desk.write(Tenure("b", process.pid + 1, 6))  # as if one had died before it
        assert desk.incumbent() is None
        desk.write(tenure)
    assert desk.incumbent() is None
    assert desk.read() == tenure


def test_who_leaves_says_so_before_the_post_is_free(run_dir: Path) -> None:
    desk, held = Desk(run_dir, "eye"), threading.Event()
    with holding(run_dir) as process:
        desk.seek(held.set)
        assert process.stdin
        process.stdin.write("leave\n")
        process.stdin.flush()
        assert held.wait(DEADLINE_S)
        tenure = desk.read()
        assert process.poll() is None
    assert tenure
    assert tenure.left


def test_a_holder_that_hangs_is_ended(run_dir: Path) -> None:
    desk, held = Desk(run_dir, "eye"), threading.Event()
    with holding(run_dir) as process:
        process.send_signal(signal.SIGSTOP)
        desk.seek(held.set)
        assert desk.evict() == process.pid
        assert held.wait(DEADLINE_S)
        assert process.wait(DEADLINE_S) == -signal.SIGKILL
    assert desk.evict() == 0


def test_how_far_a_holder_was_is_read_as_it_was_written(run_dir: Path) -> None:
    desk = Desk(run_dir, "eye")
    assert desk.read() is None
    tenure = Tenure("b", os.getpid(), 3, served={"front": Served(11, 22, 33)})
    desk.write(tenure)
    found = desk.read()
    assert found
    assert found.served == {"front": Served(11, 22, 33)}
    assert [path.name for path in (run_dir / "posts").iterdir() if path.suffix != ".lock"] == [
        "eye.json"
    ]


def test_what_was_before_a_reboot_is_not_believed(run_dir: Path) -> None:
    desk = Desk(run_dir, "eye")
    desk.write(Tenure("a", 1, 1))
    record = run_dir / "posts" / "eye.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"boot": "an earlier one"}))
    assert desk.read() is None


def test_half_a_record_is_none(run_dir: Path) -> None:
    desk = Desk(run_dir, "eye")
    (run_dir / "posts" / "eye.json").write_text('{"post": "a", "pi')
    assert desk.read() is None
