"""Real pictures that people annotated, for judging only: the first 128 of COCO val2017.

They lie outside the project, under their photographers' licences: nothing is learned from them,
and none is shown.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from training.collected import i420
from training.example import Truth
from training.eye import Eye, seen_of
from training.matching import Match, match

PERSON, BICYCLE, CAR, BUS, TRUCK = 0, 1, 2, 5, 7  # the annotations' numbers


class Question(NamedTuple):
    """A thing to look for: what it is called, in COCO's numbers, by whom it is called what."""

    name: str
    numbers: tuple[int, ...]
    labels: tuple[str, ...]  # a detector's


OURS = (
    Question("person", (PERSON,), ("person",)),
    Question("bicycle", (BICYCLE,), ("bicycle",)),
    Question("car", (CAR,), ("car",)),
    Question("bus", (BUS,), ("bus",)),
    Question("car, bus or truck", (CAR, BUS, TRUCK), ("car", "bus")),
)
THEIRS = (  # person-vehicle-bike-detection-2000 of the Open Model Zoo; its labels are numbers
    Question("person", (PERSON,), ("1",)),
    Question("bicycle", (BICYCLE,), ("2",)),
    Question("car, bus or truck", (CAR, BUS, TRUCK), ("0",)),
)


def judge_real(eye: Eye, folder: Path, question: Question) -> Iterator[Match]:
    """Every picture of `folder`, with the question as class 0; all figures count as visible."""
    kinds = dict.fromkeys(question.labels, 0)
    for labels in sorted((folder / "labels").glob("*.txt")):
        picture = cv2.imread(str(folder / "images" / f"{labels.stem}.jpg"))
        seen = seen_of(eye.see(i420(np.asarray(picture, np.uint8))), kinds)
        yield match(seen, truth_in(labels, question.numbers))


def truth_in(labels: Path, numbers: tuple[int, ...]) -> Truth:
    """Lines of class, centre x, centre y, width, height as fractions."""
    rows = [[float(word) for word in line.split()] for line in labels.read_text().splitlines()]
    table = np.array([row[:5] for row in rows if int(row[0]) in numbers], np.float32)
    centre, size = table.reshape(-1, 5)[:, 1:3], table.reshape(-1, 5)[:, 3:]
    boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
    return Truth(np.zeros(len(boxes), np.int64), np.ones(len(boxes), np.float32), boxes)
