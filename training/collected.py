"""Pictures of a device with their boxes, as `retinue images export` wrote them: COCO's format.

What is labelled is taken as fully visible; `iscrowd` marks what is neither to be learned nor
unlearned. Categories that the detector does not know are left out, and so what they mark counts as
background.
"""

from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from msgspec import Struct

from bus.pixels import I420, Plane, planes
from bus.sizes import size_bytes
from training.example import Truth
from training.grid import LABELS

ANNOTATIONS = "annotations.json"
VISIBLE, UNCLEAR = 1.0, 0.1  # visible shares: `targets` neither learns nor unlearns the second


class BadCollection(Exception):
    """The file, what is wrong with it, and what to do."""


class Collected(NamedTuple):
    """One picture and what is in it."""

    path: Path
    truth: Truth


class _Category(Struct):
    id: int
    name: str


class _Image(Struct):
    id: int
    file_name: str
    width: int
    height: int


class _Annotation(Struct):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]  # x, y, width, height in pixels
    iscrowd: int = 0


class _Coco(Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


def read_collection(folder: Path) -> list[Collected]:
    """In the order of their names. `BadCollection` if the annotations cannot be used."""
    file = folder / ANNOTATIONS
    try:
        coco = msgspec.json.decode(file.read_bytes(), type=_Coco)
    except OSError as error:
        rule = "name a folder that `retinue images export` wrote"
        raise BadCollection(f"{file}: {error.strerror}: {rule}") from error
    except msgspec.MsgspecError as error:
        raise BadCollection(f"{file}: is not in COCO's format: {error}") from error
    kinds = {one.id: LABELS.index(one.name) for one in coco.categories if one.name in LABELS}
    boxes: dict[int, list[_Annotation]] = {image.id: [] for image in coco.images}
    for box in coco.annotations:
        if box.image_id not in boxes:
            raise BadCollection(f"{file}: a box is of image {box.image_id}, which is not listed")
        if box.category_id in kinds:
            boxes[box.image_id].append(box)
    images = sorted(coco.images, key=lambda image: image.file_name)
    return [
        Collected(folder / "images" / image.file_name, _truth(image, boxes[image.id], kinds))
        for image in images
    ]


def read_picture(path: Path) -> I420:
    """As a camera would have written it. `BadCollection` if it is no picture."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise BadCollection(f"{path}: cannot be read as a picture: export it again or remove it")
    return i420(np.asarray(bgr, np.uint8))


def i420(bgr: Plane) -> I420:
    """Odd sides lose their last row or column."""
    height, width = (side // 2 * 2 for side in bgr.shape[:2])
    flat = np.asarray(cv2.cvtColor(bgr[:height, :width], cv2.COLOR_BGR2YUV_I420), np.uint8)
    return planes(flat.reshape(-1)[: size_bytes(width, height)], width, height)


def _truth(image: _Image, boxes: list[_Annotation], kinds: dict[int, int]) -> Truth:
    if image.width <= 0 or image.height <= 0:
        raise BadCollection(f"{image.file_name}: {image.width}x{image.height} is no size")
    corners = [(x, y, x + width, y + height) for x, y, width, height in (b.bbox for b in boxes)]
    scale = np.array([image.width, image.height] * 2, np.float32)
    return Truth(
        np.array([kinds[box.category_id] for box in boxes], np.int64),
        np.array([UNCLEAR if box.iscrowd else VISIBLE for box in boxes], np.float32),
        np.clip(np.array(corners, np.float32).reshape(-1, 4) / scale, 0, 1),
    )
