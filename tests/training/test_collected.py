"""Pictures of a device with their boxes, read as COCO has them."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from actors.collect.exporting import export
from actors.collect.shelf import Shelf
from training.collected import BadCollection, read_collection, read_picture

IMAGE = {"id": 7, "file_name": "front-1.jpg", "width": 200, "height": 100}
CAR = {"image_id": 7, "category_id": 3, "bbox": [20, 10, 50, 40]}
KINDS = [{"id": 3, "name": "car"}, {"id": 4, "name": "tram"}]


def written(folder: Path, **parts: Any) -> Path:
    coco = {"images": [IMAGE], "annotations": [CAR], "categories": KINDS} | parts
    (folder / "annotations.json").write_text(json.dumps(coco))
    return folder


def test_boxes_are_fractions_of_their_picture(tmp_path: Path) -> None:
    (one,) = read_collection(written(tmp_path))
    assert one.path == tmp_path / "images" / "front-1.jpg"
    assert one.truth.kinds.tolist() == [2]
    assert one.truth.boxes[0] == pytest.approx([0.1, 0.1, 0.35, 0.5])


def test_what_is_unclear_is_hardly_visible_and_what_is_unknown_left_out(tmp_path: Path) -> None:
    boxes = [CAR | {"iscrowd": 1}, CAR | {"category_id": 4}]
    (one,) = read_collection(written(tmp_path, annotations=boxes))
    assert one.truth.visible == pytest.approx([0.1])


def test_pictures_without_boxes_come_too_in_the_order_of_names(tmp_path: Path) -> None:
    more = IMAGE | {"id": 8, "file_name": "back-1.jpg"}
    first, second = read_collection(written(tmp_path, images=[IMAGE, more]))
    assert (first.path.name, len(first.truth.boxes)) == ("back-1.jpg", 0)
    assert len(second.truth.boxes) == 1


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"annotations": [CAR | {"image_id": 9}]}, "a box is of image 9, which is not listed"),
        ({"images": [IMAGE | {"width": 0}]}, "front-1.jpg: 0x100 is no size"),
        ({"categories": 3}, "is not in COCO's format"),
    ],
)
def test_bad_annotations_are_refused_with_the_reason(
    tmp_path: Path, parts: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadCollection, match=said):
        read_collection(written(tmp_path, **parts))


def test_a_folder_without_annotations_says_which_to_name(tmp_path: Path) -> None:
    with pytest.raises(BadCollection, match="`retinue images export` wrote"):
        read_collection(tmp_path)


def test_an_export_of_nothing_is_read_as_nothing(tmp_path: Path) -> None:
    export(Shelf(tmp_path / "shelf"), [], tmp_path / "out")
    assert read_collection(tmp_path / "out") == []


def test_a_picture_is_read_with_even_sides(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    cv2.imwrite(str(path), np.full((5, 7, 3), 200, np.uint8))
    picture = read_picture(path)
    assert (picture.width, picture.height) == (6, 4)
    assert picture.bgr().mean() == pytest.approx(200, abs=3)


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_text("no")
    with pytest.raises(BadCollection, match=r"x\.jpg: cannot be read as a picture"):
        read_picture(tmp_path / "x.jpg")
