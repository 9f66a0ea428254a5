"""Several requests of one model: each lane has its own input, and keeps its own answer."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from actors.inference.engine import Engine
from actors.package.reading import read_package
from bus.messages import Box
from bus.pixels import blank
from tests.network import save_counting_network, save_network

BLACK, GREY, WHITE = 16, 140, 235


def see(model: Path, lumas: Sequence[int]) -> list[list[Box]]:
    """What each lane saw, asked only when all have ended."""
    done = threading.Semaphore(0)
    engine = Engine(read_package(model), ["CPU"], None, done.release, hint="throughput")
    assert engine.lanes >= len(lumas)
    for lane, luma in enumerate(lumas):
        engine.fill(lane, blank(64, 64, luma))
        engine.start(lane)
    for _ in lumas:
        assert done.acquire(timeout=20)
    return [engine.boxes(lane) for lane in range(len(lumas))]


def test_lanes_do_not_share_an_answer(tmp_path: Path) -> None:
    model = save_network(tmp_path / "bright.xml")
    (white,), (grey,), black = see(model, [WHITE, GREY, BLACK])
    assert white.score == pytest.approx(1, abs=0.01)
    assert grey.score == pytest.approx(0.57, abs=0.02)
    assert black == []


def test_a_list_without_a_fixed_length_is_read_whole(tmp_path: Path) -> None:
    model = save_counting_network(tmp_path / "counting.xml")
    assert [len(boxes) for boxes in see(model, [WHITE, BLACK, GREY])] == [3, 0, 2]
