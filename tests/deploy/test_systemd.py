"""The unit: what systemd says of it, and that it and the code mean the same."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from actors.config import DEFAULT_FILE, load
from cli.refusal import BAD_CONFIG, NO_ACCESS
from tests.deploy.units import settings
from tests.programs import program

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "systemd"
UNIT = FOLDER / "retinue.service"
EXPOSED = 25  # tenths, of 0 (hardened) to 100


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit as it is on a device, where its command exists."""
    unit = tmp_path / UNIT.name
    (command,) = settings(UNIT)["ExecStart"]
    unit.write_text(UNIT.read_text().replace(command.split()[0], sys.executable))
    return unit


def test_systemd_finds_no_fault_in_the_unit(installed: Path) -> None:
    command = [program("systemd-analyze"), "verify", "--man=no", str(installed)]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    ours = [line for line in verdict.stderr.splitlines() if "retinue" in line]
    assert (verdict.returncode, ours) == (0, [])


def test_systemd_finds_little_exposed(installed: Path) -> None:
    command = [program("systemd-analyze"), "security", "--offline=yes", f"--threshold={EXPOSED}"]
    verdict = subprocess.run(
        [*command, str(installed)], capture_output=True, text=True, check=False, timeout=60
    )
    assert verdict.returncode == 0, verdict.stdout


def test_systemd_can_make_the_user() -> None:
    command = [program("systemd-sysusers"), "--dry-run", str(FOLDER / "retinue.conf")]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert verdict.returncode == 0, verdict.stderr


def test_the_directories_are_those_that_systemd_makes() -> None:
    unit = settings(UNIT)
    environment = dict(pair.split("=", 1) for pair in unit["Environment"])
    device = load(DEFAULT_FILE, environment)
    assert [device.run_dir] == [f"/run/{name}" for name in unit["RuntimeDirectory"]]
    assert [device.state_dir] == [f"/var/lib/{name}" for name in unit["StateDirectory"]]
    assert unit["WorkingDirectory"] == [device.state_dir]
    assert unit["RuntimeDirectoryMode"] == unit["StateDirectoryMode"] == ["0700"]


def test_what_no_start_cures_is_not_started_again() -> None:
    (codes,) = settings(UNIT)["RestartPreventExitStatus"]
    assert {int(code) for code in codes.split()} == {NO_ACCESS, BAD_CONFIG}


def test_a_stop_leaves_every_actor_its_time() -> None:
    conf = configparser.RawConfigParser()
    conf.read(ROOT / "supervisord.conf")
    waits = [int(conf[name]["stopwaitsecs"]) for name in conf if name.startswith("program:")]
    (longest,) = settings(UNIT)["TimeoutStopSec"]
    assert int(longest) >= 2 * max(waits)
