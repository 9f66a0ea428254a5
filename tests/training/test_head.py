"""The last layer of the shipped detector: found, and written back without any other change."""

from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from actors.package.reading import read_package
from actors.scenery import Setting
from bus.pixels import I420
from training.eye import Eye
from training.generate import pictures
from training.head import CHANNELS, Head, NoHead, Scores
from training.refitted import write_refitted
from training.street import Street

PACKAGE = Path(__file__).parents[2] / "models" / "street"
STREET = Street(Setting(4_000_005, 1.0, "clear", "day"), 640, 360, (100,))


@pytest.fixture(scope="module")
def head() -> Head:
    return Head(PACKAGE / "street.xml")


@pytest.fixture(scope="module")
def picture() -> I420:
    return next(pictures(STREET))[0]


def test_it_makes_the_scores(head: Head, picture: I420) -> None:
    features, scores = head.features(picture), head.scores
    assert features.shape[1] == scores.weights.shape[1]
    assert scores.biases.shape == (CHANNELS,)
    logits = features @ scores.weights.T + scores.biases
    seen = Eye(read_package(PACKAGE)).see(picture)
    assert 1 / (1 + np.exp(-logits.max())) == pytest.approx(seen[0].score, abs=0.02)


def test_written_as_it_was_it_sees_the_same(head: Head, picture: I420, tmp_path: Path) -> None:
    package = read_package(PACKAGE)
    write_refitted(package, head, head.scores, tmp_path / "new", "1.1")
    after, before = (Eye(one).see(picture) for one in (read_package(tmp_path / "new"), package))
    assert [box.label for box in after] == [box.label for box in before]
    assert [box.score for box in after] == pytest.approx([b.score for b in before], abs=0.01)


def test_other_scores_are_written(head: Head, picture: I420, tmp_path: Path) -> None:
    weights, biases = head.scores
    deaf = Scores(weights, np.full_like(biases, -50))
    own = Head(PACKAGE / "street.xml")
    write_refitted(read_package(PACKAGE), own, deaf, tmp_path / "deaf", "")
    package = read_package(tmp_path / "deaf")
    assert Eye(package).see(picture) == []
    assert package.golden is None
    assert sorted(path.name for path in (tmp_path / "deaf").iterdir()) == [
        "manifest.toml",
        "street.bin",
        "street.xml",
    ]
    assert Head(tmp_path / "deaf" / "street.xml").scores.biases == pytest.approx(-50)


def test_a_model_without_such_a_layer_is_named(tmp_path: Path) -> None:
    given = ov.opset13.parameter([1, 3, 8, 8], np.float32)
    ov.save_model(ov.Model([ov.opset13.relu(given)], [given], "other"), tmp_path / "other.xml")
    with pytest.raises(NoHead, match=r"other.xml: has no 1x1 convolution to 16 channels"):
        Head(tmp_path / "other.xml")
