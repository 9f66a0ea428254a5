"""Prints how good a package is: on the scene, on real pictures beside a real network, and fast."""

import sys
from pathlib import Path

import numpy as np

from actors.package.reading import Package, read_package
from training.coco import OURS, THEIRS, Question, judge_real
from training.eye import Eye
from training.failures import draw_failures
from training.judge import judge
from training.report import class_table, size_table, sort_table, table, visible_table
from training.street import Split
from training.tally import average_precision, summary, tally

FAILURES = 12
NEIGHBOUR = "person-vehicle-bike-detection-2000"
NEIGHBOUR_THRESHOLD = 0.5


def evaluate(path: Path, streets: int, real: Path, failures: Path | None) -> None:
    """`failures`: a folder for pictures of the worst, or None."""
    package = read_package(path)
    verdicts = list(judge(Eye(package), Split.TEST, streets))
    matches = [one.match for one in verdicts]
    spent = [one.spent_ms for one in verdicts]
    say(f"{len(matches)} pictures; {summary(matches, package.threshold)}")
    median, slow = np.median(spent), np.quantile(spent, 0.95)
    say(f"inference, one thread: median {median:.2f} ms, one in twenty over {slow:.2f} ms")
    for make in (class_table, size_table, visible_table):
        say("\n" + make(matches, package.threshold))
    skies = [one.shot.street.setting for one in verdicts]
    for name, sorts in (
        ("weather", [sky.weather for sky in skies]),
        ("time of day", [sky.time for sky in skies]),
    ):
        say("\n" + sort_table(name, sorts, matches, package.threshold))
    if failures:
        draw_failures(verdicts, package.threshold, failures, FAILURES)
    _real(package, real)


def _real(package: Package, real: Path) -> None:
    folder = real / "images" / "coco-val2017"
    if not folder.is_dir():
        say(f"\n{folder}: no real pictures to judge with")
        return
    neighbour = read_package(real / "models" / NEIGHBOUR / f"{NEIGHBOUR}.xml")
    head = ("real pictures", "for", "figures", "AP", "threshold", "precision", "recall")
    rows = [_real_row(Eye(package), package.threshold, folder, one, "street") for one in OURS]
    rows += [
        _real_row(Eye(neighbour), NEIGHBOUR_THRESHOLD, folder, one, NEIGHBOUR) for one in THEIRS
    ]
    say("\n" + table(head, rows))


def _real_row(
    eye: Eye, threshold: float, folder: Path, question: Question, name: str
) -> tuple[str, ...]:
    matches = list(judge_real(eye, folder, question))
    counts = tally(matches, threshold)
    average = average_precision(matches, 0)
    return (
        name,
        question.name,
        str(counts.figures),
        f"{average:.3f}",
        f"{threshold:.2f}",
        f"{counts.precision:.3f}",
        f"{counts.recall:.3f}",
    )


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
