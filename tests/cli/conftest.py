"""The command line as a user has it: a process, its output and its exit code."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Retinue = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environ(run_dir: Path, tmp_path: Path) -> dict[str, str]:
    """A run and a state directory of the test's own; the configuration is the default one."""
    own = {"RETINUE_RUN": str(run_dir), "RETINUE_STATE": str(tmp_path / "state")}
    rest = {key: value for key, value in os.environ.items() if not key.startswith("RETINUE_")}
    return rest | own | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}


@pytest.fixture
def retinue(environ: dict[str, str], tmp_path: Path) -> Retinue:
    """Run a command in an empty folder, to its end."""

    def call(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *map(str, arguments)],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call
