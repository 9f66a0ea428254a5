"""The built-in detector learns a little more, from pictures of a device: CPU, numpy, no checkpoint.

Only the last layer that makes scores is fitted: `head` says why that one, `focal` by which loss.
Most of what it looks at is drawn, so that it goes on knowing ordinary streets. Equal pictures
make equal weights on one machine.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from actors.package.reading import Package, read_package
from bus.pixels import I420
from training.collected import BadCollection, Collected, read_collection, read_picture
from training.descent import STEPS, descend
from training.example import Truth, truth_of
from training.eye import Eye, seen_of
from training.focal import Cells, cells_of
from training.generate import pictures
from training.head import Head, NoHead, Scores
from training.judge import KINDS
from training.matching import Match, match
from training.refitted import write_refitted
from training.street import Split, street
from training.tally import summary
from training.targets import encode

log = logging.getLogger(__name__)
HELD_OUT = 5  # one picture in so many is judged with and not learned from
LEAST = HELD_OUT
PICTURES_A_STREET = 8
SIZE_PX = 640, 360  # of drawn pictures: larger ones say nothing more to the network


class Plan(NamedTuple):
    """What is learned from, what is changed, and where the new package goes."""

    pictures: Path
    package: Path
    out: Path
    version: str = ""  # "": the next one
    streets: int = 12  # ordinary ones, drawn to be remembered
    steps: int = STEPS


class Sample(NamedTuple):
    """A picture with its figures."""

    picture: I420
    truth: Truth


def refit(plan: Plan) -> Package:
    """The new package. Raises `BadCollection`, `PackageError`, `NoHead`, `OSError`."""
    collection = read_collection(plan.pictures)
    if len(collection) < LEAST:
        raise BadCollection(
            f"{plan.pictures}: holds {len(collection)} pictures, at least {LEAST} are needed: "
            "collect some more"
        )
    if plan.out.exists():
        raise BadCollection(f"{plan.out}: is there already: name a new folder")
    (learned, held_out), package = parted(collection), read_package(plan.package)
    head = _head(package)
    log.info("%d pictures to learn from, %d held out", len(learned), len(held_out))
    _tell("before", package, held_out)
    mine = list(_cells(head, _samples(learned)))
    others = list(_cells(head, drawn(Split.TRAIN, plan.streets)))
    scores = descend(mine, others, head.scores, plan.steps)
    write_refitted(package, head, scores, plan.out, plan.version)
    refitted = read_package(plan.out)
    _tell("after", refitted, held_out)
    return refitted


def parted(collection: Sequence[Collected]) -> tuple[list[Collected], list[Collected]]:
    """What is learned from, and what is judged with."""
    learned = [one for at, one in enumerate(collection, 1) if at % HELD_OUT]
    return learned, list(collection[HELD_OUT - 1 :: HELD_OUT])


def drawn(split: Split, streets: int) -> Iterator[Sample]:
    """Ordinary pictures of the scene; each is overwritten by the next."""
    for number in range(streets):
        one = street(split, number, PICTURES_A_STREET)
        width, height = SIZE_PX
        for picture, figures in pictures(one._replace(width=width, height=height)):
            yield Sample(picture, truth_of(figures))


def judged(eye: Eye, samples: Iterator[Sample]) -> list[Match]:
    return [match(seen_of(eye.see(picture), KINDS), truth) for picture, truth in samples]


def _tell(when: str, package: Package, held_out: Sequence[Collected]) -> None:
    matches = judged(Eye(package), _samples(held_out))
    log.info("%s, on pictures held out: %s", when, summary(matches, package.threshold))


def _head(package: Package) -> Head:
    if not isinstance(package.model, Path):
        raise NoHead(f"{package.name}: lies in memory only: name its folder")
    return Head(package.model)


def _samples(collection: Sequence[Collected]) -> Iterator[Sample]:
    for path, truth in collection:
        yield Sample(read_picture(path), truth)


def _cells(head: Head, samples: Iterator[Sample]) -> Iterator[Cells]:
    scores: Scores = head.scores
    for picture, truth in samples:
        yield cells_of(head.features(picture), encode(truth), scores)
