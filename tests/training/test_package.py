"""The package that is shipped, run by the runtime's own engine on streets that nobody has seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.package.reading import Package, read_package
from actors.scenery import Setting
from training.example import truth_of
from training.eye import Eye, seen_of
from training.generate import pictures
from training.grid import HEIGHT_PX, LABELS, WIDTH_PX
from training.judge import KINDS
from training.matching import Match, match
from training.street import Street
from training.tally import tally

FOLDER = Path(__file__).parents[2] / "models" / "street"
STREETS = (  # seeds that no split has
    Street(Setting(4_000_001, 1.0, "clear", "day"), 640, 360, tuple(range(0, 9000, 900))),
    Street(Setting(4_000_002, 1.0, "rain", "night"), 640, 360, tuple(range(0, 9000, 900))),
    Street(Setting(4_000_003, 1.5, "fog", "dusk"), 640, 360, tuple(range(0, 9000, 900))),
    Street(Setting(4_000_004, 0.5, "snow", "day"), 640, 360, tuple(range(0, 9000, 900))),
)


@pytest.fixture(scope="module")
def package() -> Package:
    return read_package(FOLDER)


def judged(package: Package) -> Iterator[Match]:
    eye = Eye(package, package.threshold)
    for street in STREETS:
        for picture, figures in pictures(street):
            yield match(seen_of(eye.see(picture), KINDS), truth_of(figures))


def test_it_finds_the_figures_of_unseen_streets(package: Package) -> None:
    matches = list(judged(package))
    found = tally(matches, package.threshold)
    assert len(matches) == 40
    assert found.figures > 200
    assert found.precision >= 0.9
    assert found.recall >= 0.9
    assert found.mean_overlap >= 0.8


def test_it_says_what_it_is(package: Package) -> None:
    assert (package.name, package.family) == ("street", "ssd")
    assert package.labels == LABELS
    assert 0 < package.threshold < 1


def test_it_is_small() -> None:
    weights = sum((FOLDER / name).stat().st_size for name in ("street.xml", "street.bin"))
    assert weights <= 2_000_000


def test_its_card_shows_pictures_that_are_there_and_small() -> None:
    card = (FOLDER / "README.md").read_text()
    shown = sorted((FOLDER / "pictures").glob("*.jpg"))
    assert shown
    assert all(f"pictures/{one.name}" in card for one in shown)
    assert all(one.stat().st_size <= 60_000 for one in shown)
    assert f"{WIDTH_PX}x{HEIGHT_PX}" in card
