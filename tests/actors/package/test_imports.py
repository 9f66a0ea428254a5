"""Who only reads packages stays light: no arrays, no pictures, no inference, no network."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "actors" / "package"
HEAVY = ("numpy", "cv2", "openvino", "av", "httpx", "httpcore", "zmq")
MODULES = sorted(f"actors.package.{path.stem}" for path in FOLDER.glob("[a-z]*.py"))
SEALED = sorted(f"actors.package.sealed.{path.stem}" for path in (FOLDER / "sealed").glob("[a-z]*"))
SIGNING = ["actors.package.signature", "actors.package.signing_keys"]


def brought(modules: list[str], suspects: tuple[str, ...]) -> str:
    """Which of the suspects a fresh Python has loaded when it has imported the modules."""
    code = (
        f"import sys, {', '.join(modules)}\n"
        f"print(*(name for name in {suspects!r} if name in sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def test_no_module_of_packages_is_heavy() -> None:
    assert len(MODULES) > 15
    assert brought([*MODULES, *SEALED], HEAVY) == ""


def test_who_reads_a_plain_package_needs_no_cryptography() -> None:
    light = [module for module in MODULES if module not in SIGNING]
    assert brought(light, ("cryptography",)) == ""


@pytest.mark.parametrize("module", SIGNING)
def test_a_suspect_would_be_found(module: str) -> None:
    assert brought([module], ("cryptography",)) == "cryptography"
