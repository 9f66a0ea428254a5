"""Nobody's statistics are fed by a device that watches people."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_openvino_leaves_no_identity_behind(tmp_path: Path) -> None:
    environ = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-c", "import actors.inference.engine"],
        env=environ,
        check=True,
    )
    assert list(tmp_path.rglob("*")) == []
