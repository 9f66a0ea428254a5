"""Which model runs: the wanted one, else the last good; and after crashes not at once."""

from pathlib import Path

import pytest

from actors.inference.engine import Engine
from actors.inference.model import Load, LoadHung, Model
from actors.inference.slot import Wanted
from actors.package import PackageError
from actors.package.reading import read_package
from bus.frame_reader import FrameReader
from bus.health import SECOND_NS
from bus.messages import Tick
from bus.testing import Script
from tests.actors.inference.rig import Rig, model_of
from tests.network import save_network

WANTED, LAST_GOOD = Wanted(Path("new"), "d2"), Wanted(Path("old"), "d1")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    package = read_package(save_network(tmp_path / "bright.xml"))
    return Engine(package, ["CPU"], tmp_path / "cache", lambda: None, threads=1)


@pytest.fixture
def load(engine: Engine) -> Load:
    """Only the last good one can be loaded."""

    def only_the_old(wanted: Wanted, _: tuple[str, ...]) -> Engine:
        if wanted != LAST_GOOD:
            raise PackageError("new: has no input")
        return engine

    return only_the_old


def test_the_last_good_one_runs_where_the_wanted_one_does_not(load: Load) -> None:
    bus, model = Script(), model_of(load, WANTED, LAST_GOOD)
    model.look(bus, 1)
    assert model.wanted == LAST_GOOD
    assert model.refused == "new: has no input"
    assert model.stepped_down
    assert bus.reports[-1].state == "degraded"
    assert "the last good model runs; the wanted one does not" in bus.reports[-1].detail


def test_a_holder_that_fell_back_has_the_wanted_one_refused(run_dir: Path, load: Load) -> None:
    with FrameReader(run_dir) as frames:
        rig = Rig(run_dir, frames, Script(Tick(now_ns=1), Tick(now_ns=2)))
        rig.serve(model_of(load, WANTED, LAST_GOOD))
    assert rig.slot.given == [0]
    assert rig.slot.refused == [(0, "new: has no input")]


def test_who_is_alone_leaves_for_what_is_wanted_now(run_dir: Path, load: Load) -> None:
    for alone in (False, True):
        with FrameReader(run_dir) as frames:
            rig = Rig(run_dir, frames, Script(Tick(now_ns=1), Tick(now_ns=2), Tick(now_ns=3)))
            rig.slot.number = 1  # its tenure began at 0
            assert rig.serve(model_of(load, LAST_GOOD), alone=alone) == alone
        tenure = rig.desk.read()
        assert tenure
        assert tenure.left


def test_after_crashes_it_waits_and_says_why(load: Load) -> None:
    bus, model = Script(), model_of(load, LAST_GOOD)
    model.wait(5 * SECOND_NS, "the model has ended each process")
    model.look(bus, SECOND_NS)
    assert model.engine is None
    assert [(r.state, r.detail) for r in bus.reports] == [
        ("degraded", "the model has ended each process")
    ]
    model.look(bus, 6 * SECOND_NS - 1)
    assert model.engine is None
    model.look(bus, 6 * SECOND_NS)
    assert model.engine


def test_a_model_that_is_never_loaded_ends_the_process() -> None:
    model = Model(lambda: [WANTED], ("CPU",), lambda *_: None, load_s=10)
    model.look(Script(), 0)
    model.look(Script(), 10 * SECOND_NS)
    with pytest.raises(LoadHung, match="new: not loaded in 10 s"):
        model.look(Script(), 11 * SECOND_NS)
