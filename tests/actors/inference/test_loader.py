"""Loading that the loop does not wait for."""

import threading
from pathlib import Path

import pytest

from actors.inference.engine import Engine
from actors.inference.loader import Loader
from actors.inference.slot import Wanted
from actors.package.reading import PackageError, read_package
from bus.testing import Script
from tests.actors.inference.rig import BRIGHT, model_of
from tests.network import save_network

PATIENCE_S = 20


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    package = read_package(save_network(tmp_path / "bright.xml"))
    return Engine(package, ["CPU"], tmp_path / "cache", lambda: None, threads=1)


def test_the_loop_goes_on_while_a_device_compiles(engine: Engine) -> None:
    compiled, done, asked = threading.Event(), threading.Event(), list[tuple[str, ...]]()

    def load(_: Wanted, devices: tuple[str, ...]) -> Engine:
        asked.append(devices)
        assert compiled.wait(PATIENCE_S)
        return engine

    bus, model = Script(), model_of(Loader(load, done.set))
    model.look(bus, 1)
    model.look(bus, 2)
    assert model.engine is None
    assert [(said.state, said.detail) for said in bus.reports] == [
        ("starting", "loading and compiling bright.xml")
    ]
    compiled.set()
    assert done.wait(PATIENCE_S)
    model.look(bus, 3)
    assert model.engine is engine
    assert bus.reports[-1].state == "running"
    assert len(asked) == 1


def test_what_a_load_raised_is_raised_once_and_the_next_begins_anew() -> None:
    ended, go = threading.Semaphore(0), threading.Semaphore(0)

    def load(_: Wanted, __: tuple[str, ...]) -> Engine:
        assert go.acquire(timeout=PATIENCE_S)
        raise PackageError("m.xml: there is no such file or directory")

    loader = Loader(load, ended.release)
    for _ in range(2):
        assert loader(BRIGHT, ("CPU",)) is None  # it begins
        go.release()
        assert ended.acquire(timeout=PATIENCE_S)
        with pytest.raises(PackageError, match="no such file"):
            loader(BRIGHT, ("CPU",))
