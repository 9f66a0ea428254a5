"""Actors stopped, started and restarted by a real supervisord."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.config import Camera, Config
from actors.supervision.restarting import Programs, Unknown
from actors.supervision.supervisor import Away, Supervisor
from tests.actors.supervision.supervised import DEAF, IDLE, IDLE_BUT_DOWN, supervised

TWO = (Camera("front"), Camera("back"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def supervisor(folder: Path) -> Iterator[Supervisor]:
    commands = {"overlay": IDLE, "rtsp": IDLE_BUT_DOWN, "models": DEAF, "telemetry": IDLE}
    with supervised(folder, commands) as supervisor:
        yield supervisor


@pytest.fixture
def programs(folder: Path, supervisor: Supervisor) -> Programs:
    del supervisor
    return Programs(Config(run_dir=str(folder), camera=TWO), grace_s=0.2)


def pids(supervisor: Supervisor) -> dict[str, int]:
    """0 for what is down."""
    return {name.partition(":")[2]: info["pid"] for name, info in supervisor.processes().items()}


def test_a_restart_ends_what_is_up_and_starts_what_is_down(
    supervisor: Supervisor, programs: Programs
) -> None:
    before = pids(supervisor)
    assert before["rtsp"] == 0
    programs.restart(["overlay", "rtsp"])
    after = pids(supervisor)
    assert after["overlay"] not in {0, before["overlay"]}
    assert after["rtsp"]
    assert after["models"] == before["models"]


def test_what_does_not_listen_is_killed(supervisor: Supervisor, programs: Programs) -> None:
    before = pids(supervisor)
    programs.restart(["models"])
    assert pids(supervisor)["models"] not in {0, before["models"]}


def test_what_is_stopped_stays_down_until_it_is_started(
    supervisor: Supervisor, programs: Programs
) -> None:
    programs.stop(["overlay"])
    assert pids(supervisor)["overlay"] == 0
    programs.stop(["overlay"])
    programs.start(["overlay"])
    again = pids(supervisor)["overlay"]
    assert again
    programs.start(["overlay"])
    assert pids(supervisor)["overlay"] == again


def test_what_supervisord_has_not_is_told_with_what_it_has(programs: Programs) -> None:
    for action in (programs.start, programs.stop, programs.restart, programs.look):
        with pytest.raises(Unknown, match=r"has no retinue:camera-1, but .*retinue:overlay"):
            action(["camera-back"])


def test_without_a_supervisord_it_is_away(run_dir: Path) -> None:
    with pytest.raises(Away):
        Programs(Config(run_dir=str(run_dir))).restart(["overlay"])
