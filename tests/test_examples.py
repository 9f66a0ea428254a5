"""The examples, each as its own process, against a scripted device."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest

from tests.publisher import SIZE, publishing

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@contextmanager
def example(run_dir: Path, name: str, *arguments: str) -> Iterator[Iterator[str]]:
    """An example's lines as it prints them, while something is published."""
    env = os.environ | {"RETINUE_RUN": str(run_dir), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, f"examples/{name}", *arguments]
    with (
        publishing(run_dir),
        subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        assert process.stdout
        try:
            yield iter(process.stdout)
        finally:
            process.kill()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.name))
def test_an_example_fits_on_a_screen(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 40


def test_raw_results_needs_nothing_of_ours(run_dir: Path) -> None:
    source = (ROOT / "examples" / "raw_results.py").read_text()
    imports = [text.split()[1] for text in source.splitlines() if re.match("(import|from) ", text)]
    assert set(imports) - set(sys.stdlib_module_names) == {"msgpack", "zmq"}
    with example(run_dir, "raw_results.py", "front") as lines:
        first, box = next(lines), next(lines)
    assert first.startswith("results/front/detector/ frame ")
    assert box == "  person 0.90 at 0.100 0.200 0.500 0.900\n"


def test_count_people(run_dir: Path) -> None:
    with example(run_dir, "count_people.py") as lines:
        assert next(lines) == "front: 2 people\n"


def test_latency_meter(run_dir: Path) -> None:
    with example(run_dir, "latency_meter.py") as lines:
        awaited = {"frame of front from camera-front", "result of front from detector"}
        while awaited:  # the first second may have had one of them only
            awaited.discard(next(lines).partition(":")[0])


def test_save_frames(run_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    with example(run_dir, "save_frames.py", str(folder)) as lines:
        path = Path(next(lines).strip())
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert path.parent == folder
    assert (picture[..., 1].astype(int) - picture[..., 0] > 100).any(), "no green box"
