"""Which processes a word means, and which of them can be restarted without a gap."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest
from msgspec.structs import replace

from actors.config import Camera, Config, Inference
from cli.control import actors_named, entries_named, relievable
from cli.refusal import Refused
from tests.cli.conftest import ROOT

EYE, EAR = Inference("eye"), Inference("ear", swap="restart")
DEVICE = Config(camera=(Camera("front"),), inference=(EYE, EAR))


@pytest.mark.parametrize(
    ("word", "actors", "entries"),
    [
        ("inference", ["inference-eye-a", "inference-eye-b", "inference-ear-a"], [EYE, EAR]),
        ("inference-eye", ["inference-eye-a", "inference-eye-b"], [EYE]),
        ("inference-eye-b", ["inference-eye-b"], []),
        ("inference-ear", ["inference-ear-a"], [EAR]),
        ("camera", ["camera-front"], []),
        ("overlay", ["overlay"], []),
    ],
)
def test_what_a_word_means(word: str, actors: list[str], entries: list[Inference]) -> None:
    assert actors_named(DEVICE, word) == actors
    assert entries_named(DEVICE, word) == entries


def test_a_process_comes_before_an_entry_of_its_name() -> None:
    device = Config(inference=(EYE, Inference("eye-a")))
    assert actors_named(device, "inference-eye-a") == ["inference-eye-a"]
    assert entries_named(device, "inference-eye-a") == []
    assert entries_named(device, "inference") == list(device.inference)


def test_unknown_words_are_answered_with_the_known() -> None:
    with pytest.raises(Refused, match=r"there are camera, inference, .*inference-eye, inference-e"):
        actors_named(DEVICE, "inference-nose")


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
