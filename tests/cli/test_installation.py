"""The bar that is shown while pip works."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

from cli.installation import Progress
from tests.cli.conftest import ROOT

LOCK = "# pinned\nav==18.1.0\ncolorama==0.4.6 ; sys_platform == 'win32'\nnumpy==2.4.6\n"


def test_it_follows_pip_from_the_first_package_to_the_last() -> None:
    progress = Progress(LOCK)
    assert "] 0/3 " in progress.line()
    progress.heard("Ignoring colorama: markers 'sys_platform' don't match your environment")
    progress.heard("Collecting av==18.1.0 (from -r requirements.lock (line 2))")
    progress.heard("  Downloading av-18.1.0-cp311-abi3-manylinux.whl (38.2 MB)")
    assert progress.line() == "packages: fetching   [############............] 1/2 av (38.2 MB)"
    progress.heard("Processing /wheels/numpy-2.4.6-cp311.whl (from -r requirements.lock (line 4))")
    assert progress.line().endswith("] 2/2 numpy")
    progress.heard("Installing collected packages: av, numpy")
    progress.found(1)
    assert progress.line() == "packages: unpacking  [############............] 1/2 numpy"
    progress.found(2)
    assert progress.line().strip().endswith("] 2/2")


def test_what_a_package_needs_itself_is_not_counted() -> None:
    progress = Progress(LOCK)
    progress.heard("Collecting mdurl~=0.1 (from markdown-it-py==4.3.0->rich)")
    assert progress.fetched == 0


def install(lock: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli.installation", str(lock)],
        cwd=ROOT,
        env=os.environ | {"PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_is_there_already_is_one_quiet_step(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(f"msgspec=={importlib.metadata.version('msgspec')}\n")
    done = install(lock)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "packages: fetching\n")


def test_a_failure_is_told_in_pips_own_words(tmp_path: Path) -> None:
    name, lock = "retinue-names-no-such-package", tmp_path / "lock"
    lock.write_text(f"{name}==1\n")
    done = install(lock)
    assert done.returncode == 1
    assert f"No matching distribution found for {name}==1" in done.stderr
