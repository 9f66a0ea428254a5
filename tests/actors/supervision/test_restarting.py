"""Which actors can be restarted without a gap."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest
from msgspec.structs import replace

from actors.config import Camera, Config, Inference
from actors.supervision.restarting import plan, relievable
from tests.cli.conftest import ROOT

EYE, EAR = Inference("eye"), Inference("ear", swap="restart")
DEVICE = Config(camera=(Camera("front"),), inference=(EYE, EAR))


@pytest.fixture
def held(run_dir: Path) -> Iterator[None]:
    """A process that holds a post's lock."""
    code = (
        "import sys, pathlib; from actors.tenancy import claim;"
        "claim(pathlib.Path(sys.argv[1]), 'inference-eye-a'); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(run_dir)], cwd=ROOT, stdin=PIPE, stdout=PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline()
        yield
        holder.communicate(b"\n")


@pytest.mark.usefixtures("held")
def test_only_what_runs_a_model_beside_another_process_is_relieved(
    run_dir: Path, tmp_path: Path
) -> None:
    device = replace(DEVICE, run_dir=str(run_dir), state_dir=str(tmp_path))
    seeing = Inference("eye", model="builtin:street")
    assert relievable(device, seeing)
    assert not relievable(device, replace(seeing, model=""))
    assert not relievable(device, replace(seeing, swap="restart"))
    assert not relievable(device, replace(seeing, name="nose"))
    assert plan(replace(device, inference=(seeing, EAR)), "inference") == (
        ["inference-ear-a"],
        [seeing],
    )
    alone = replace(device, inference=(seeing,))
    assert plan(alone, "inference-eye-a") == (["inference-eye-a"], [])
    assert plan(alone, "inference-eye") == ([], [seeing])
