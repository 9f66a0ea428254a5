"""A package with another last layer: everything else as it was, and the version after.

Its golden sample is a drawn picture, not one of a device: a package travels, and nobody's street
is to travel with it.
"""

import re
import shutil
import tempfile
from pathlib import Path

import cv2
from msgspec.structs import asdict, replace

from actors.package.manifest import Golden, GoldenBox, Manifest
from actors.package.package import Package
from actors.package.reading import read_package
from actors.package.writing import write_manifest
from actors.scenery import Setting
from training.collected import read_picture
from training.example import Truth, truth_of
from training.eye import Eye, seen_of
from training.generate import pictures
from training.head import Head, Scores
from training.judge import KINDS
from training.matching import match
from training.street import Street

MODEL, PICTURE = "street.xml", "golden.jpg"
GOLDEN = Street(Setting(4_100_000, 1.0, "clear", "day"), 640, 360, (4500,))  # a seed of no split
SURE = 0.7  # scores of its boxes: other devices compute a little differently


def next_version(version: str) -> str:
    """Its last number is one higher, where it ends in one."""
    found = re.fullmatch(r"(.*?)(\d+)", version)
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{version}.2"


def write_refitted(package: Package, head: Head, scores: Scores, out: Path, version: str) -> None:
    """The new package is there whole or not at all. Raises `OSError`, `PackageError`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        head.write(partial / MODEL, scores)
        manifest = _manifest(package, version or next_version(package.version))
        write_manifest(partial, manifest)
        if golden := _golden(partial):
            write_manifest(partial, replace(manifest, golden=golden))
        partial.rename(out)
    except BaseException:
        shutil.rmtree(partial)
        raise


def _manifest(package: Package, version: str) -> Manifest:
    kept = set(Manifest.__struct_fields__) & set(Package.__struct_fields__) - {"files", "golden"}
    said = {name: value for name, value in asdict(package).items() if name in kept}
    return Manifest(**{**said, "version": version, "model": MODEL})


def _golden(folder: Path) -> Golden | None:
    """Leaves its picture in the folder; None if nothing in it is seen for sure."""
    picture, figures = next(pictures(GOLDEN))
    cv2.imwrite(str(folder / PICTURE), picture.bgr())
    boxes = _sure(folder, truth_of(figures))
    if not boxes:
        (folder / PICTURE).unlink()
        return None
    return Golden(PICTURE, boxes)


def _sure(folder: Path, truth: Truth) -> tuple[GoldenBox, ...]:
    """What the new model sees, if it is right and surely seen elsewhere too."""
    boxes = Eye(read_package(folder)).see(read_picture(folder / PICTURE))
    verdicts = match(seen_of(boxes, KINDS), truth).verdicts
    return tuple(
        GoldenBox(box.label, *(round(side, 3) for side in (box.x0, box.y0, box.x1, box.y1)))
        for box, verdict in zip(boxes, verdicts, strict=True)
        if verdict == 1 and box.score >= SURE
    )
