"""What a model must show before it is stored, shown by real networks whose answer is known."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from actors.inference.engine import Engine
from actors.inference.proof import INFERENCES, compare, photograph, pictures, prove, seen, timed
from actors.package import PackageError
from actors.package.files import Memory
from actors.package.manifest import Golden, GoldenBox
from actors.package.reading import read_package
from bus.messages import Box
from tests.actors.models.refusals.graphs import vast
from tests.network import save_network

LONG_MS = 60_000.0
HERE = GoldenBox("1", 0.25, 0.25, 0.75, 0.75)  # where that network sees what is bright
SHIFTED = GoldenBox("1", 0.5, 0.25, 1.0, 0.75)  # a third of both is in both
DARK, BRIGHT = 20, 250


def engine_of(folder: Path, golden: Golden | None = None, scores: float = 1 / 255) -> Engine:
    package = read_package(save_network(folder / "bright.xml", scores=scores))
    return Engine(replace(package, golden=golden), ["CPU"], None, lambda: None, threads=1)


def encoded(bgr: NDArray[np.uint8], suffix: str = ".png") -> bytes:
    done, data = cv2.imencode(suffix, bgr)
    assert done
    return data.tobytes()


def grey(luma: int, height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    return np.full((height, width, 3), luma, np.uint8)


def sample(luma: int) -> Memory:
    return Memory({"golden.png": encoded(grey(luma))})


@pytest.mark.parametrize("golden", [None, Golden("golden.png", (HERE,))])
def test_a_sound_model_shows_what_it_has_to(tmp_path: Path, golden: Golden | None) -> None:
    told: list[str] = []
    engine = engine_of(tmp_path, golden)
    assert 0 < prove(engine, sample(BRIGHT), LONG_MS, told.append) < LONG_MS
    assert told == [
        "looking at its weights",
        "inferring",
        *(["comparing its golden sample"] if golden else []),
        "taking its time",
    ]


def test_what_the_golden_sample_shows_must_be_seen(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, Golden("golden.png", (HERE,)))
    with pytest.raises(PackageError, match=r"a 1 is not seen .*overlap 0\.00, 0\.5 is needed"):
        prove(engine, sample(DARK), LONG_MS, lambda _: None)


def test_outputs_must_be_numbers_on_every_picture(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="output detection_out of a white picture has values"):
        prove(engine_of(tmp_path, scores=3e38), sample(BRIGHT), LONG_MS, lambda _: None)


def test_weights_must_be_numbers(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"weights .* are not finite numbers: the file is"):
        prove(engine_of(tmp_path, scores=np.nan), sample(BRIGHT), LONG_MS, lambda _: None)


def test_it_must_be_fast_enough(tmp_path: Path) -> None:
    engine = engine_of(tmp_path)
    median_ms = timed(engine, LONG_MS)
    assert median_ms > 0
    with pytest.raises(PackageError, match=r"takes .* ms on CPU, models\.slowest_ms allows 1e-06"):
        timed(engine, 1e-6)
    assert INFERENCES >= 3  # of fewer the median is the slowest


BOX = Box("1", 0.9, HERE.x0, HERE.y0, HERE.x1, HERE.y1)
OFF = Box("1", 0.9, SHIFTED.x0, SHIFTED.y0, SHIFTED.x1, SHIFTED.y1)


@pytest.mark.parametrize(
    ("wanted", "boxes", "min_iou", "missing"),
    [
        ([HERE], [BOX], 1.0, ""),
        ([HERE], [OFF, BOX], 1.0, ""),
        ([HERE], [OFF], 0.33, ""),
        ([HERE], [OFF], 0.34, "0.33, 0.34 is needed"),
        ([HERE], [], 0.0, "0.00, 0 is needed"),
        ([HERE], [Box("2", 0.9, 0.25, 0.25, 0.75, 0.75)], 0.5, "0.00, 0.5 is needed"),
        ([HERE, HERE], [BOX], 0.5, "0.00, 0.5 is needed"),
        ([HERE, HERE], [BOX, BOX], 0.5, ""),
        ([HERE, SHIFTED], [OFF, BOX], 0.9, ""),
    ],
)
def test_each_box_of_the_sample_is_seen_by_another(
    wanted: list[GoldenBox], boxes: list[Box], min_iou: float, missing: str
) -> None:
    golden = Golden("golden.png", tuple(wanted), min_iou)
    if not missing:
        compare(golden, boxes)
        return
    with pytest.raises(PackageError, match=missing):
        compare(golden, boxes)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp"])
def test_a_picture_is_seen_in_its_colours(suffix: str) -> None:
    blue = np.zeros((31, 45, 3), np.uint8)
    blue[..., 0] = 255
    picture = photograph(Memory({"a": encoded(blue, suffix)}), "a")
    assert (picture.width, picture.height) == (44, 30)
    assert picture.y.mean() == pytest.approx(41, abs=3)  # ITU-R BT.601, studio range
    assert picture.u.mean() == pytest.approx(240, abs=3)
    assert picture.v.mean() == pytest.approx(110, abs=3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        encoded(grey(BRIGHT))[:60],
        encoded(grey(BRIGHT, 1, 64)),
        encoded(np.zeros((8192, 8192, 1), np.uint8)),
        vast(),
    ],
    ids=["empty", "noise", "cut", "one line", "large", "vast"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PackageError, match="package/a: no picture that can be read"):
        photograph(Memory({"a": data}), "a")


def test_it_looks_at_dark_and_light_and_at_a_picture_that_is_the_same_each_time(
    tmp_path: Path,
) -> None:
    engine = engine_of(tmp_path)
    shown = dict(pictures())
    assert seen(engine, shown["a black picture"]) == []
    (box,) = seen(engine, shown["a white picture"])
    assert box.score > 0.999
    assert np.array_equal(shown["noise"].y, dict(pictures())["noise"].y)
    assert shown["noise"].y.std() > 30
