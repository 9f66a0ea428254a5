"""Clips and networks from `../shared/data`."""

from pathlib import Path

import cv2
import numpy as np

from benchmarks.processes import ROOT
from benchmarks.table import Missing
from bus.pixels import Plane

DATA = ROOT.parent / "shared" / "data"
FAST = "person-vehicle-bike-detection-2000"  # about 2 ms
SLOW = "person-detection-retail-0013"  # more than 10 ms


def network(name: str) -> Path:
    return there(DATA / "models" / name / f"{name}.xml")


def clip(name: str) -> Path:
    return there(DATA / "videos" / name)


def first_picture(path: Path) -> Plane:
    """The first picture of a clip, BGR."""
    clip = cv2.VideoCapture(str(path))
    whole, picture = clip.read()
    clip.release()
    if not whole:
        raise Missing(f"{path}: no picture in it")
    return np.asarray(picture, np.uint8)


def there(path: Path) -> Path:
    if not path.is_file():
        raise Missing(f"{path}: there is no such file")
    return path
