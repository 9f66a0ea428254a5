"""Pictures of where the detector fails most, for its card."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from bus.pixels import Plane
from training.example import Boxes
from training.generate import pictures
from training.grid import LABELS
from training.judge import Shot, Verdict
from training.matching import Match

WIDTH_PX = 480
QUALITY = 80
FOUND, MISSED, WRONG = (80, 200, 80), (0, 160, 255), (60, 60, 230)  # BGR


def draw_failures(verdicts: Sequence[Verdict], threshold: float, folder: Path, most: int) -> None:
    """Writes `most` JPEGs, one a street: green is found, orange is missed, red is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    ranked = sorted(verdicts, key=lambda one: _mistakes(one.match, threshold))
    worst = {one.shot.street: one for one in ranked}  # the last of a street is its worst
    for verdict in sorted(worst.values(), key=lambda one: -_mistakes(one.match, threshold))[:most]:
        setting = verdict.shot.street.setting
        name = f"{setting.weather}-{setting.time}-{setting.seed}-{verdict.shot.at}.jpg"
        picture = _marked(verdict, threshold)
        cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def _mistakes(one: Match, threshold: float) -> int:
    wrong = (one.verdicts == 0) & (one.seen.scores >= threshold)
    return int(wrong.sum() + (one.counted & (one.taken < threshold)).sum())


def _marked(verdict: Verdict, threshold: float) -> Plane:
    picture, one = _drawn(verdict.shot), verdict.match
    for kind, score, box, right in zip(*one.seen, one.verdicts, strict=True):
        if score >= threshold:
            _frame(picture, box, FOUND if right else WRONG, LABELS[kind])
    missed = one.truth.only(one.counted & (one.taken < threshold))
    for kind, box in zip(missed.kinds, missed.boxes, strict=True):
        _frame(picture, box, MISSED, LABELS[kind])
    return picture


def _drawn(shot: Shot) -> Plane:
    index = shot.street.indices[shot.at]
    picture, _ = next(pictures(shot.street._replace(indices=(index,))))
    bgr = picture.bgr()
    size = WIDTH_PX, round(WIDTH_PX * picture.height / picture.width)
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def _frame(
    picture: Plane,
    box: Boxes,
    colour: tuple[int, int, int],
    label: str,
) -> None:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = (round(float(v)) for v in box * (width, height, width, height))
    cv2.rectangle(picture, (x0, y0), (x1, y1), colour, 1)
    cv2.putText(picture, label, (x0, max(8, y0 - 2)), cv2.FONT_HERSHEY_SIMPLEX, 0.3, colour, 1)
