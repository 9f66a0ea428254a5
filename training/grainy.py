"""What `refit` does for a kind of picture that the detector is weak on: streets full of grain.

So a cheap camera sees them whose gain is up: the detector takes grain for people. Learned from are
streets of one range of seeds, judged are streets of another, with true boxes.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np

from actors.package.package import Package
from actors.package.reading import read_package
from bus.pixels import I420, Plane
from training.collected import ANNOTATIONS, i420
from training.evaluate import say
from training.example import Truth
from training.eye import Eye, seen_of
from training.grid import LABELS
from training.judge import KINDS
from training.matching import COUNTED, Match
from training.refit import Plan, Sample, drawn, judged, refit
from training.report import table
from training.street import Split
from training.tally import average_precision, tally
from training.targets import GLIMPSED

GRAIN = 20.0  # standard deviation in levels of 255; what it was trained with had 1 to 8
JUDGED_STREETS = 30
HEAD = ("pictures", "package", "figures", "precision", "recall", "mean IoU", "AP")


def show(path: Path, streets: int, *, as_seen: bool) -> None:
    """Prints a table. `as_seen`: learn from what the detector says itself, not from the truth."""
    before = read_package(path)
    with tempfile.TemporaryDirectory() as folder:
        collection, out = Path(folder, "pictures"), Path(folder, "package")
        teacher = Eye(before, before.threshold) if as_seen else None
        write_collection(grainy(drawn(Split.TRAIN, streets)), collection, teacher)
        after = refit(Plan(collection, path, out))
        rows = [row for each in (before, after) for row in rows_of(each, JUDGED_STREETS)]
    say(table(HEAD, sorted(rows, key=lambda row: row[0])))


def rows_of(package: Package, streets: int) -> Iterator[tuple[str, ...]]:
    """How good it is on ordinary pictures, and on grainy ones of the same streets."""
    eye = Eye(package)
    ordinary = judged(eye, drawn(Split.TEST, streets))
    noisy = judged(eye, grainy(drawn(Split.TEST, streets)))
    for name, matches in (("ordinary", ordinary), ("grainy", noisy)):
        yield (name, f"{package.name} {package.version}", *_figures(matches, package.threshold))


def grainy(samples: Iterator[Sample]) -> Iterator[Sample]:
    """Equal samples get equal grain."""
    random = np.random.default_rng(0)
    for picture, truth in samples:
        bgr = picture.bgr()
        grain = random.standard_normal(bgr.shape, np.float32) * GRAIN
        noisy: Plane = np.clip(bgr + grain, 0, 255).astype(np.uint8)
        yield Sample(i420(noisy), truth)


def write_collection(samples: Iterator[Sample], folder: Path, teacher: Eye | None = None) -> None:
    """As `retinue images export` does, with true boxes or a teacher's."""
    (folder / "images").mkdir(parents=True)
    images, boxes = list[dict[str, Any]](), list[dict[str, Any]]()
    for number, (picture, truth) in enumerate(samples):
        name, size = f"{number:05}.jpg", (picture.width, picture.height)
        cv2.imwrite(str(folder / "images" / name), picture.bgr())
        images.append({"id": number, "file_name": name, "width": size[0], "height": size[1]})
        said = _seen(teacher, picture) if teacher else truth
        boxes += [{"image_id": number, **box} for box in _boxes(said, size)]
    kinds = [{"id": at, "name": label} for at, label in enumerate(LABELS)]
    coco = {"images": images, "annotations": boxes, "categories": kinds}
    (folder / ANNOTATIONS).write_bytes(msgspec.json.encode(coco))


def _seen(teacher: Eye, picture: I420) -> Truth:
    seen = seen_of(teacher.see(picture), KINDS)
    return Truth(seen.kinds, np.ones(len(seen.kinds), np.float32), seen.boxes)


def _boxes(truth: Truth, size: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """What is mostly hidden is marked as unclear."""
    for kind, visible, box in zip(*truth, strict=True):
        if visible >= GLIMPSED:
            x0, y0, x1, y1 = (float(side) for side in box * np.tile(size, 2))
            corner_and_size = x0, y0, x1 - x0, y1 - y0
            unclear = int(visible < COUNTED)
            yield {"category_id": int(kind), "bbox": corner_and_size, "iscrowd": unclear}


def _figures(matches: list[Match], threshold: float) -> tuple[str, ...]:
    counts = tally(matches, threshold)
    average = np.mean([average_precision(matches, kind) for kind in range(len(LABELS))])
    shares = (counts.precision, counts.recall, counts.mean_overlap, float(average))
    return (str(counts.figures), *(f"{share:.3f}" for share in shares))
