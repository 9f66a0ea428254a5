"""Real networks on real pictures: the way from pixels to boxes, judged by people's annotations."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from actors.inference.engine import Engine
from actors.package.reading import read_package
from bus.messages import Box
from bus.pixels import I420, planes
from bus.sizes import size_bytes

VERIFIED = ("person-vehicle-bike-detection-2000", "person-detection-retail-0013")
PERSON, VEHICLES = 0, (2, 5, 7)  # COCO: person; car, bus, truck


class Eye:
    """An engine that is asked one picture at a time."""

    def __init__(self, model: Path, cache: Path, threshold: float) -> None:
        self._done = threading.Semaphore(0)
        package, done = read_package(model), self._done.release
        self._engine = Engine(package, ["CPU"], cache, done, threshold=threshold)

    def see(self, picture: I420) -> list[Box]:
        self._engine.fill(0, picture)
        self._engine.start(0)
        assert self._done.acquire(timeout=30)
        return self._engine.boxes(0)


def i420(bgr: NDArray[np.uint8]) -> I420:
    height, width = (side // 2 * 2 for side in bgr.shape[:2])
    flat = cv2.cvtColor(bgr[:height, :width], cv2.COLOR_BGR2YUV_I420)
    return planes(
        np.asarray(flat, np.uint8).reshape(-1)[: size_bytes(width, height)], width, height
    )


def frame_of(clip: Path, number: int) -> I420:
    with av.open(clip) as container:
        for at, frame in enumerate(container.decode(video=0)):
            if at == number:
                return i420(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
    raise AssertionError(f"{clip}: no frame {number}")


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union of two x0, y0, x1, y1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared) if shared else 0.0


def corners(box: Box) -> tuple[float, ...]:
    return box.x0, box.y0, box.x1, box.y1


@pytest.mark.parametrize("name", VERIFIED)
def test_a_frame_of_a_clip_shows_what_its_card_says(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    card = json.loads((shared_data / "models" / name / "card.json").read_text())
    example = card["verified_examples"][0]
    clip, _, number = example["input"].partition("#")
    picture = frame_of(shared_data / clip, int(number))
    eye = Eye(shared_data / "models" / name, tmp_path, example["threshold"])
    seen = eye.see(picture)
    assert len(seen) == len(example["detections"])
    size = (picture.width, picture.height) * 2
    for wanted in example["detections"]:
        box = tuple(edge / side for edge, side in zip(wanted["box_xyxy_px"], size, strict=True))
        same = [one for one in seen if one.label == str(wanted["class"])]
        nearest = max(same, key=lambda one: overlap(corners(one), box))
        assert overlap(corners(nearest), box) > 0.9
        assert abs(nearest.score - wanted["score"]) < 0.03


class Found(NamedTuple):
    score: float
    right: bool


def average_precision(found: list[Found], wanted: int) -> float:
    """Area under precision over recall, precision made monotonic (as PASCAL VOC since 2010)."""
    right = np.cumsum([one.right for one in sorted(found, reverse=True)])
    precision = right / np.arange(1, len(found) + 1)
    recall = np.concatenate([[0.0], right / wanted])
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * envelope))


def annotated(shared_data: Path) -> Iterator[tuple[Path, list[tuple[int, tuple[float, ...]]]]]:
    for labels in sorted((shared_data / "images/coco-val2017/labels").glob("*.txt")):
        rows = [line.split() for line in labels.read_text().splitlines()]
        truth: list[tuple[int, tuple[float, ...]]] = []
        for row in rows:
            x, y, w, h = map(float, row[1:5])
            truth.append((int(row[0]), (x - w / 2, y - h / 2, x + w / 2, y + h / 2)))
        yield labels.parents[1] / "images" / f"{labels.stem}.jpg", truth


def matched(seen: list[Box], truth: list[tuple[float, ...]]) -> Iterator[Found]:
    left = list(truth)
    for box in sorted(seen, key=lambda one: -one.score):
        best = max(left, key=lambda one: overlap(corners(box), one), default=None)
        right = best is not None and overlap(corners(box), best) >= 0.5
        if right:
            left.remove(best)  # type: ignore[arg-type]
        yield Found(box.score, right)


def test_people_and_vehicles_in_annotated_pictures(shared_data: Path, tmp_path: Path) -> None:
    """The card's own figures, measured by others on these pictures: 0.373 and 0.244."""
    eye = Eye(shared_data / "models" / VERIFIED[0], tmp_path, 0.01)
    found: dict[str, list[Found]] = {"1": [], "0": []}
    wanted = {"1": 0, "0": 0}
    for path, truth in annotated(shared_data):
        picture: Any = cv2.imread(str(path))
        seen = eye.see(i420(picture))
        for label, classes in (("1", (PERSON,)), ("0", VEHICLES)):
            there = [box for kind, box in truth if kind in classes]
            wanted[label] += len(there)
            found[label] += matched([box for box in seen if box.label == label], there)
    assert average_precision(found["1"], wanted["1"]) > 0.35
    assert average_precision(found["0"], wanted["0"]) > 0.22
