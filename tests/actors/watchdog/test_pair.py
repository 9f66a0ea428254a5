"""The two watchdogs as real processes, without a supervisor."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from actors.config import Config
from actors.tenancy import holder_of, lock_path
from actors.watchdog.__main__ import others
from bus.health import SECOND_NS
from bus.messages import Health, Tick
from bus.sockets import ZmqBus
from bus.topics import HEALTH

ROOT = Path(__file__).parents[3]
PAIR = ("watchdog-0", "watchdog-1")
DEADLINE_S = 40
BEATS = 6  # of each, so that they have heard one another


@pytest.fixture
def pair(run_dir: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Both, after they have been running for some beats."""
    environ = os.environ | {"RETINUE_RUN": str(run_dir), "SUPERVISOR_SERVER_URL": ""}
    with ExitStack() as stack:
        processes = []
        for index in range(len(PAIR)):
            command = [sys.executable, "-m", "actors.watchdog", str(index)]
            process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, env=environ))
            stack.callback(process.kill)
            processes.append(process)
        until_beats(run_dir)
        yield processes


def until_beats(run_dir: Path) -> None:
    beats = dict.fromkeys(PAIR, 0)
    start_ns = 0
    with ZmqBus("observer", run_dir, [HEALTH.of(actor=actor) for actor in PAIR]) as bus:
        for message in bus:
            match message:
                case Health(actor=actor):
                    beats[actor] += 1
                case Tick(now_ns=now_ns):
                    start_ns = start_ns or now_ns
                    if now_ns - start_ns > DEADLINE_S * SECOND_NS:
                        pytest.fail(f"beats in {DEADLINE_S} s: {beats}")
            if min(beats.values()) >= BEATS:
                return


@pytest.mark.parametrize("stopped", [0, 1])
def test_a_stopped_watchdog_is_ended_by_the_other(
    run_dir: Path, pair: list["subprocess.Popen[bytes]"], stopped: int
) -> None:
    pair[stopped].send_signal(signal.SIGSTOP)
    assert pair[stopped].wait(DEADLINE_S) == -signal.SIGKILL
    left = pair[1 - stopped]
    assert left.poll() is None
    assert holder_of(lock_path(run_dir, PAIR[1 - stopped])) == left.pid


def test_each_watches_everyone_but_itself() -> None:
    watched = others(Config(), "watchdog-0")
    assert {"overlay", "rtsp", "watchdog-1"} <= set(watched)
    assert "watchdog-0" not in watched
    assert "watchdog-0" in others(Config(), "watchdog-1")
