"""Tables say what was counted; real pictures are read as they were annotated."""

from pathlib import Path

import numpy as np

from training.coco import OURS, THEIRS, truth_in
from training.example import Truth
from training.grid import LABELS
from training.matching import Match, Seen, match
from training.report import class_table, size_table, sort_table, visible_table

HERE, THERE = [0.1, 0.1, 0.3, 0.4], [0.6, 0.2, 0.8, 0.25]
CAR = LABELS.index("car")


def judged() -> Match:
    """Two cars, one of them found, and something wrong."""
    boxes = np.array([HERE, THERE], np.float32)
    kinds, ones = np.array([CAR, CAR]), np.ones(2, np.float32)
    wrong = np.array([HERE, [0.0, 0.9, 0.1, 1.0]], np.float32)
    return match(Seen(kinds, np.array([0.9, 0.8], np.float32), wrong), Truth(kinds, ones, boxes))


def cells(table: str, row: str) -> list[str]:
    lines = [line.strip("| ").split(" | ") for line in table.splitlines()]
    (found,) = [line for line in lines if line[0] == row]
    return found[1:]


def test_classes() -> None:
    table = class_table([judged()], 0.5)
    assert cells(table, "car") == ["2", "0.500", "0.500", "1.000", "0.500"]
    assert cells(table, "bus")[0] == "0"


def test_sizes_are_heights_at_720p() -> None:
    table = size_table([judged()], 0.5)
    assert cells(table, "small, under 100 px")[CAR] == "0.000 of 1"
    assert cells(table, "large")[CAR] == "1.000 of 1"
    assert cells(table, "large")[0] == "none"


def test_sorts() -> None:
    table = sort_table("weather", ["fog", "rain", "fog"], [judged()] * 3, 0.5)
    assert cells(table, "fog")[:2] == ["4", "0.500"]
    assert cells(table, "rain")[:2] == ["2", "0.500"]


def test_visible_shares() -> None:
    assert cells(visible_table([judged()], 0.5), "80 to 100 %")[:2] == ["2", "0.500"]


def test_real_pictures_have_the_figures_that_their_card_counts(shared_data: Path) -> None:
    files = sorted((shared_data / "images" / "coco-val2017" / "labels").glob("*.txt"))
    counts = {
        question.name: sum(len(truth_in(file, question.numbers).kinds) for file in files)
        for question in (*OURS, *THEIRS)
    }
    assert (counts["person"], counts["car, bus or truck"], counts["bicycle"]) == (350, 39, 10)
    boxes = np.concatenate([truth_in(file, (0,)).boxes for file in files])
    assert np.all((boxes > -0.01) & (boxes < 1.01))
