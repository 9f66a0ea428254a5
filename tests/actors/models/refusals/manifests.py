"""`manifest.toml`: what it says wrongly, and what is not as it says."""

import hashlib
from collections.abc import Callable
from typing import Any

from actors.package.admission import Request
from actors.package.manifest import Golden, GoldenBox
from tests.actors.models.refusals.workshop import STREET, Bad, Workshop

LABELS = hashlib.sha256((STREET / "labels.txt").read_bytes()).hexdigest()
BOX = GoldenBox("car", 0.1, 0.1, 0.2, 0.2)


def written(*lines: str) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(shop.written(*lines))


def said(**said: Any) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(shop.package(**said))


def changed(name: str, data: bytes) -> Callable[[Workshop], Request]:
    """A file is another one than was listed."""

    def make(shop: Workshop) -> Request:
        folder = shop.package()
        (folder / name).write_bytes(data)
        return shop.request(folder)

    return make


def listed_as(digest: str) -> Callable[[Workshop], Request]:
    def make(shop: Workshop) -> Request:
        folder = shop.package()
        path = folder / "manifest.toml"
        path.write_text(path.read_text().replace(LABELS, digest))
        return shop.request(folder)

    return make


def missing(name: str) -> Callable[[Workshop], Request]:
    def make(shop: Workshop) -> Request:
        folder = shop.package()
        (folder / name).unlink()
        return shop.request(folder)

    return make


def beside(name: str, data: bytes, **said: Any) -> Callable[[Workshop], Request]:
    """With a file that is listed."""

    def make(shop: Workshop) -> Request:
        folder = shop.model()
        (folder / name).write_bytes(data)
        shop.describe(folder, **said)
        return shop.request(folder)

    return make


MANIFESTS = {
    "no TOML": Bad(written("name = "), "manifest.toml: Invalid value"),
    "no UTF-8": Bad(changed("manifest.toml", b'name = "\xff"'), "can't decode byte 0xff"),
    "no manifest, for its length": Bad(
        changed("manifest.toml", b"#" * (1 << 20) + b"#"), "it is no manifest"
    ),
    "nothing": Bad(changed("manifest.toml", b""), "missing required field `name`"),
    "an unknown key": Bad(written("licens = 'MIT'"), "licens: there is no such key; did you mean"),
    "a name that is none": Bad(written('name = "My Model"'), "a name is 1 to 64 of"),
    "a version that is none": Bad(written('version = "1/2"'), "a version is 1 to 32 of"),
    "no version": Bad(written('version = ""'), "manifest.toml: version is missing"),
    "a number in words": Bad(written('threshold = "high"'), "Expected `float`, got `str`"),
    "a number out of range": Bad(written("threshold = 1.5"), "Expected `float` <= 1.0"),
    "a line's end in a string": Bad(written('licence = "a\\nb"'), "no control characters in it"),
    "a family that is none": Bad(written('family = "../ssd"'), "a family is 1 to 32 of"),
    "a family that nobody knows": Bad(said(family="crystal-ball"), "'crystal-ball': unknown"),
    "a layout that is none": Bad(written('input = {layout = "HWC"}'), "Invalid enum value 'HWC'"),
    "a division by zero": Bad(written("input = {scale = [1, 0, 1]}"), "divided by it, so not 0"),
    "a mean that is no number": Bad(written("input = {mean = [nan, 0, 0]}"), "a finite number"),
    "a model elsewhere": Bad(written('model = "../x.xml"'), "model = '../x.xml': a path has no"),
    "a model of another kind": Bad(written('model = "x.pt"'), "x.pt: a model is one of"),
    "a model that is missing": Bad(
        written('model = "x.xml"'), "x.xml: named by manifest.toml, but"
    ),
    "labels that are missing": Bad(written('labels = "x.txt"'), "x.txt: named by manifest.toml"),
    "labels that are no text": Bad(
        beside("x.txt", b"caf\xe9\n", labels="x.txt"), "x.txt: 'utf-8' codec can't decode"
    ),
    "labels with escapes": Bad(
        beside("x.txt", b"car\n\x1b[2J\n", labels="x.txt"), "line 2 = '\\x1b[2J': has control"
    ),
    "a threshold of no label": Bad(
        said(thresholds={"caar": 0.5}), "'caar' is none of the labels; did you mean 'car'?"
    ),
    "a wrong checksum": Bad(
        listed_as("0" * 64), f"its SHA-256 is {LABELS}, manifest.toml lists 00"
    ),
    "a checksum that is none": Bad(listed_as("0" * 63), "a SHA-256 is 64 of 0-9 a-f"),
    "a file that was changed": Bad(changed("labels.txt", b"cat\n"), "labels.txt: its SHA-256 is"),
    "a file that is not listed": Bad(changed("x.so", b"?"), "x.so: is not listed under [files]"),
    "a file that is missing": Bad(
        missing("labels.txt"), "labels.txt: is listed under [files], but"
    ),
    "an OpenVINO to come": Bad(said(minimum_openvino="2099.1"), "needs OpenVINO 2099.1, here is"),
    "a golden sample that is missing": Bad(
        said(golden=Golden("x.jpg", (BOX,))), "x.jpg: named by manifest.toml, but not there"
    ),
    "a golden sample of no label": Bad(
        beside("x.jpg", b"?", golden=Golden("x.jpg", (GoldenBox("dog", 0.1, 0.1, 0.2, 0.2),))),
        "golden.boxes: 'dog' is none of the labels",
    ),
    "a golden sample inside out": Bad(
        written(
            'golden = {picture = "x", boxes = [{label = "car", x0 = 1, y0 = 0, x1 = 0, y1 = 1}]}'
        ),
        "golden.boxes[0]: x0 is left of x1",
    ),
}
