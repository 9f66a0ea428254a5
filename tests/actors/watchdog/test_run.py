"""The watchdog with real processes and locks, its bus scripted."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from actors.tenancy import lock_path
from actors.watchdog.__main__ import end, run
from actors.watchdog.deadlines import Hung
from actors.watchdog.deaths import Deaths
from bus.health import SECOND_NS
from bus.messages import Health, Tick, Woken
from bus.testing import Script

ROOT = Path(__file__).parents[3]
DEADLINE_S = 10
HOLD_LOCK = (
    "import sys; from pathlib import Path; from actors.tenancy import claim;"
    "claim(Path(sys.argv[1]), 'overlay'); print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def overlay(run_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the overlay's lock and says nothing on the bus."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(run_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture
def supervisord(run_dir: Path) -> Iterator[socket.socket]:
    """A listening socket where supervisord's would be."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(run_dir / "supervisord.sock"))
        server.listen()
        server.settimeout(DEADLINE_S)
        yield server


def health_of(pid: int, at_ns: int) -> Health:
    return Health(actor="overlay", stage="overlay", pid=pid, state="running", published_ns=at_ns)


def until_dead(deaths: Deaths) -> Woken:
    """As the real bus does: wait for the descriptor, then clear it."""
    assert select.select([deaths.fd], [], [], DEADLINE_S)[0]
    deaths.clear()
    return Woken(now_ns=0)


def test_a_stopped_process_is_ended_and_named(
    run_dir: Path, overlay: "subprocess.Popen[str]"
) -> None:
    os.kill(overlay.pid, signal.SIGSTOP)
    ticks = [Tick(now_ns=step * SECOND_NS // 4) for step in range(1, 20)]
    bus = Script(health_of(overlay.pid, 0), *ticks)
    with closing(Deaths()) as deaths:
        run(bus, deaths, run_dir / "supervisord.sock", run_dir, ["overlay"])
    assert overlay.wait(DEADLINE_S) == -signal.SIGKILL
    assert bus.reports[-1].detail.startswith("ended overlay: no health")


def test_a_healthy_process_lives_on(run_dir: Path, overlay: "subprocess.Popen[str]") -> None:
    beats = [
        message
        for now_ns in range(0, 20 * SECOND_NS, SECOND_NS // 4)
        for message in (health_of(overlay.pid, now_ns), Tick(now_ns=now_ns))
    ]
    with closing(Deaths()) as deaths:
        run(Script(*beats), deaths, run_dir / "supervisord.sock", run_dir, ["overlay"])
    assert overlay.poll() is None


def test_supervisord_is_nudged_when_a_watched_process_ends(
    run_dir: Path, overlay: "subprocess.Popen[str]", supervisord: socket.socket
) -> None:
    with closing(Deaths()) as deaths:
        bus = Script(health_of(overlay.pid, 0), overlay.kill, lambda: until_dead(deaths))
        run(bus, deaths, run_dir / "supervisord.sock", run_dir, ["overlay"])
    peer, _ = supervisord.accept()
    peer.close()


def test_a_supervisord_that_is_gone_is_no_fault(
    run_dir: Path, overlay: "subprocess.Popen[str]"
) -> None:
    with closing(Deaths()) as deaths:
        bus = Script(health_of(overlay.pid, 0), overlay.kill, lambda: until_dead(deaths))
        run(bus, deaths, run_dir / "supervisord.sock", run_dir, ["overlay"])


def test_a_process_that_was_gone_before_it_could_be_watched(run_dir: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    with closing(Deaths()) as deaths:
        bus = Script(health_of(gone.pid, 0))
        run(bus, deaths, run_dir / "supervisord.sock", run_dir, ["overlay"])
        assert not select.select([deaths.fd], [], [], 0)[0]


def test_who_no_longer_holds_the_lock_is_left_alone(
    run_dir: Path, overlay: "subprocess.Popen[str]"
) -> None:
    """As when the other watchdog was first and a successor has the place."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as stranger:
        end(Hung("overlay", stranger.pid, "no health"), lock_path(run_dir, "overlay"))
        assert stranger.stdin
        stranger.stdin.close()
        assert stranger.wait(DEADLINE_S) == 0
    assert overlay.poll() is None
