"""The catalogue: sane in every line, and the same as the real files that are at hand."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from httpx import URL

from actors.models.catalogue import Entry, available, find, variant_of
from actors.models.remote import FetchError
from actors.package.manifest import FAMILY, NAME, VERSION

ENTRIES = available()
LICENCES = {"Apache-2.0", "MIT", "BSD-3-Clause"}


def name_of(entry: Entry) -> str:
    return entry.name


def test_all_of_the_zoo_that_was_taken_is_there_once() -> None:
    assert len(ENTRIES) == 37
    assert len({entry.name for entry in ENTRIES}) == 37


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_what_a_network_is_said_to_be(entry: Entry) -> None:
    picture = entry.input
    assert re.match(NAME, entry.name)
    assert re.match(FAMILY, entry.family)
    assert entry.task
    assert entry.licence in LICENCES
    assert len(picture.shape) == 4
    channels = picture.shape[1] if picture.layout == "NCHW" else picture.shape[3]
    assert channels == (1 if picture.colour == "GREY" else 3)
    assert picture.shape[0] == 1
    assert all(picture.scale)
    assert len(set(entry.labels)) == len(entry.labels)
    assert all(label and label == label.strip() for label in entry.labels)
    assert all(len(anchors) % 2 == 0 and min(anchors) > 0 for anchors in entry.anchors)


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_where_its_files_are(entry: Entry) -> None:
    for precision, variant in entry.precisions.items():
        assert re.match(VERSION, variant.version)
        assert variant.version.endswith(f"-{precision}")
        suffixes = [Path(file.name).suffix for file in variant.files]
        assert suffixes == [".xml", ".bin"] if precision != "original" else len(suffixes) == 1
        for file in variant.files:
            url = URL(file.url)
            assert (url.scheme, url.query, url.userinfo) == ("https", b"", b"")
            assert url.host in {
                "storage.openvinotoolkit.org",
                "download.01.org",
                "raw.githubusercontent.com",
            }
            assert file.size_bytes > 0
            assert re.fullmatch(r"[0-9a-f]{96}", file.sha384)
            if precision != "original":
                assert f"/{variant.version.partition('-')[0]}/" in url.path
                assert url.path.endswith(f"/{entry.name}/{precision}/{file.name}")
                assert Path(file.name).stem == entry.name


def test_no_two_files_are_one() -> None:
    digests = [
        file.sha384
        for entry in ENTRIES
        for variant in entry.precisions.values()
        for file in variant.files
    ]
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_the_default_is_the_smallest_that_was_seen_to_be_right(entry: Entry) -> None:
    choice = entry.seen or tuple(name for name in ("FP16", "original") if name in entry.precisions)
    sizes = {name: entry.precisions[name].size_bytes for name in choice}
    assert entry.default == (min(sizes, key=sizes.__getitem__) if entry.seen else choice[0])
    assert set(entry.seen) <= set(entry.precisions)
    assert set(entry.unsound) <= set(entry.precisions) - {*entry.seen, entry.default}


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_what_is_no_model_yet_says_what_it_needs(entry: Entry) -> None:
    for variant in entry.precisions.values():
        ready = variant.files[0].name.endswith((".xml", ".onnx", ".pb"))
        assert ready or variant.files[0].name in entry.needs
    assert (entry.input.colour == "GREY") <= bool(entry.needs)


def cards(shared_data: Path) -> dict[str, dict[str, Any]]:
    paths = sorted(shared_data.glob("models/*/card.json"))
    return {path.parent.name: json.loads(path.read_text()) for path in paths}


def test_real_files_are_those_of_the_catalogue(shared_data: Path) -> None:
    known = {
        file.sha384: (entry, precision, file)
        for entry in ENTRIES
        for precision, variant in entry.precisions.items()
        for file in variant.files
    }
    found: set[tuple[str, str]] = set()
    for name in cards(shared_data):
        for path in (shared_data / "models" / name).iterdir():
            match = known.get(hashlib.sha384(path.read_bytes()).hexdigest())
            if match:
                entry, precision, file = match
                assert path.stat().st_size == file.size_bytes
                found.add((entry.name, precision))
    assert found == {(entry.name, precision) for entry in ENTRIES for precision in entry.seen}


def test_real_networks_want_what_the_catalogue_says(shared_data: Path) -> None:
    both = [(entry, cards(shared_data).get(entry.name)) for entry in ENTRIES]
    compared = 0
    for entry, card in both:
        if card is None:
            continue
        compared += 1
        said = card["preprocess"]
        assert (entry.input.layout, entry.input.colour) == (said["layout"], said["colour"])
        assert (entry.input.mean, entry.input.scale) == (tuple(said["mean"]), tuple(said["scale"]))
        assert entry.input.name == card["inputs"][0]["name"]
        assert list(entry.input.shape) == json.loads(card["inputs"][0]["shape"])
        for number, label in (card.get("labels") or {}).items():
            assert entry.labels[int(number)] == label
    assert compared == 5


def test_labels_of_coco_are_those_of_the_zoo(shared_data: Path) -> None:
    of_80 = (shared_data / "models/yolox-nano/labels.txt").read_text().split()
    of_91 = (shared_data / "models/ssd-mobilenet-v1-coco-raw/labels.txt").read_text().splitlines()
    assert find("yolo-v4-tiny-tf").labels == tuple(of_80)
    corrected = {"__background__": "background", "airplan": "airplane"}
    assert find("ssdlite_mobilenet_v2").labels == tuple(corrected.get(one, one) for one in of_91)


# ---- asking for one


def test_a_network_is_found_by_its_name() -> None:
    assert find("person-detection-0200").input.shape == (1, 3, 256, 256)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("person-detection-200", "did you mean person-detection-0200 or"),
        ("crossroad", "did you mean person-vehicle-bike-detection-crossroad-0078 or"),
        ("", "it has 37 networks"),
        ("\n" * 99, "it has 37 networks"),
    ],
)
def test_a_name_that_is_not_there_has_neighbours(name: str, says: str) -> None:
    with pytest.raises(FetchError, match=says) as caught:
        find(name)
    assert "\n" not in str(caught.value)


def test_the_default_precision_and_others() -> None:
    entry = find("person-vehicle-bike-detection-2000")
    assert variant_of(entry).version == "2022.3-FP16-INT8"
    assert variant_of(entry, "FP32").version == "2023.0-FP32"


@pytest.mark.parametrize(
    ("name", "precision", "says"),
    [
        ("person-detection-retail-0013", "FP16-INT8", "dozens of false boxes a picture; take FP16"),
        ("person-detection-0200", "INT4", "no precision 'INT4'; there are FP32, FP16, FP16-INT8"),
        ("yolox-tiny", "", r"comes as PyTorch weights \(yolox_tiny.pth\): export"),
        ("deeplabv3", "original", "comes as an archive"),
        ("text-recognition-0012", "", "wants grey pictures"),
    ],
)
def test_what_is_not_offered_says_why(name: str, precision: str, says: str) -> None:
    with pytest.raises(FetchError, match=says):
        variant_of(find(name), precision)
