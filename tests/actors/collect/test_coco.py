"""Kept pictures as others train on them."""

import json
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from actors.collect.coco import Entry, coco, pixels
from actors.collect.collecting import jpeg_of
from actors.collect.exporting import export
from actors.collect.shelf import Shelf
from bus.messages import Box
from tests.actors.collect.kept import PERSON, about, look
from training.coco import truth_in

CAR = Box("car", 0.5, 0.5, 0.5, 1.0, 1.0)


def document(*entries: Entry, inference: str | None = None) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(msgspec.json.encode(coco(entries, inference)))
    return made


def obeys(document: dict[str, Any]) -> None:
    """The rules of the format that a reader of detections stands on."""
    images = {each["id"]: each for each in document["images"]}
    kinds = {each["id"] for each in document["categories"]}
    assert len(images) == len(document["images"])
    assert len({each["file_name"] for each in images.values()}) == len(images)
    assert len({each["id"] for each in document["annotations"]}) == len(document["annotations"])
    assert all(number >= 1 for number in (*images, *kinds))
    for each in document["annotations"]:
        image, (x, y, w, h) = images[each["image_id"]], each["bbox"]
        assert each["category_id"] in kinds
        assert min(x, y, w, h) >= 0
        assert x + w <= image["width"] + 0.01
        assert y + h <= image["height"] + 0.01
        assert each["area"] == pytest.approx(w * h, abs=0.01)
        assert each["iscrowd"] == 0


def test_a_picture_with_boxes_in_pixels() -> None:
    made = document(Entry("a.jpg", about(0, PERSON, CAR)))
    obeys(made)
    assert made["licenses"] == []
    assert made["categories"] == [
        {"id": 1, "name": "car", "supercategory": ""},
        {"id": 2, "name": "person", "supercategory": ""},
    ]
    (image,) = made["images"]
    assert (image["file_name"], image["width"], image["height"]) == ("a.jpg", 64, 48)
    assert image["date_captured"] == "2026-05-04 12:00:00"
    person, car = made["annotations"]
    assert (person["category_id"], person["bbox"], person["area"]) == (2, [16, 12, 32, 12], 384)
    assert (person["score"], person["inference"], person["model"]) == (0.8, "eye", "m@1")
    assert car["bbox"] == [32, 24, 32, 24]


def test_a_picture_without_boxes_is_there_too() -> None:
    made = document(Entry("a.jpg", about(0)), Entry("b.jpg", about(1, CAR)))
    obeys(made)
    assert [each["image_id"] for each in made["annotations"]] == [2]


def test_one_of_two_models_can_be_chosen() -> None:
    both = replace(about(0), seen=(look(PERSON), look(CAR, inference="other")))
    assert len(document(Entry("a.jpg", both))["annotations"]) == 2
    made = document(Entry("a.jpg", both), inference="other")
    assert [each["inference"] for each in made["annotations"]] == ["other"]
    assert [each["name"] for each in made["categories"]] == ["car"]


corner = st.floats(-0.5, 1.5)
boxes = st.builds(Box, st.sampled_from("abc"), st.floats(0, 1), corner, corner, corner, corner)


@given(st.lists(st.lists(boxes, max_size=4), max_size=4))
def test_any_boxes_give_a_document_that_obeys(pictures: list[list[Box]]) -> None:
    obeys(document(*(Entry(f"{at}.jpg", about(at, *seen)) for at, seen in enumerate(pictures))))


def test_what_lies_outside_is_cut() -> None:
    assert pixels(Box("a", 1, -0.5, 0.5, 0.5, 2.0), 100, 50) == (0, 25, 50, 25)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "images")
    jpeg = jpeg_of(np.full((48, 64, 3), 90, np.uint8), 90)
    shelf.keep(jpeg, about(0, PERSON, CAR))
    shelf.keep(jpeg, about(0, CAR, camera="back"))
    shelf.keep(jpeg, about(1))
    return shelf


def test_an_exported_folder_is_whole_and_its_readers_agree(shelf: Shelf, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "set"
    made = export(shelf, shelf.pictures(), folder)
    read = json.loads((folder / "annotations.json").read_text())
    obeys(read)
    assert len(read["images"]) == len(made.images) == 3
    for image in read["images"]:
        shown = cv2.imread(str(folder / "images" / image["file_name"]))
        assert np.asarray(shown).shape == (image["height"], image["width"], 3)
        labels = (folder / "labels" / image["file_name"]).with_suffix(".txt")
        truth = truth_in(labels, (0, 1))
        own = [each["bbox"] for each in read["annotations"] if each["image_id"] == image["id"]]
        size = np.array([64, 48, 64, 48])
        corners = np.array([[x, y, x + w, y + h] for x, y, w, h in own]).reshape(-1, 4)
        assert np.allclose(truth.boxes * size, corners, atol=0.01)
    assert (folder / "classes.txt").read_text() == "car\nperson\n"
    assert [path.name for path in folder.parent.iterdir()] == ["set"]


def test_a_picture_that_is_removed_meanwhile_is_left_out(shelf: Shelf, tmp_path: Path) -> None:
    pictures = shelf.pictures()
    shelf.remove(pictures[0])
    assert len(export(shelf, pictures, tmp_path / "set").images) == 2


def test_a_folder_that_has_something_in_it_is_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    with pytest.raises(OSError, match="not empty"):
        export(shelf, shelf.pictures(), folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "set"]
    assert [path.name for path in folder.iterdir()] == ["mine"]
