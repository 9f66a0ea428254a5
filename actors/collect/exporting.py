"""Kept pictures as a folder to train on: there whole or not at all.

`images/`, `annotations.json` as COCO has it, and the same boxes as YOLO's tools read them: a text
file a picture in `labels/`, and the labels' names in `classes.txt`.
"""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from actors.collect.coco import Annotation, Coco, Entry, coco, lines
from actors.collect.shelf import BadSidecar, Picture, Shelf


def export(
    shelf: Shelf, pictures: Sequence[Picture], folder: Path, inference: str | None = None
) -> Coco:
    """What was exported; a picture that is removed meanwhile is not. Raises `OSError`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        made = _fill(shelf, pictures, partial, inference)
        partial.rename(folder)  # in the place of an empty one, too
    except BaseException:
        shutil.rmtree(partial)
        raise
    return made


def _fill(shelf: Shelf, pictures: Sequence[Picture], folder: Path, inference: str | None) -> Coco:
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    entries = []
    for picture in pictures:
        with suppress(BadSidecar, FileNotFoundError):
            about = shelf.sidecar(picture)
            name = f"{picture.camera}-{picture.path.name}"
            shutil.copyfile(picture.path, folder / "images" / name)
            entries.append(Entry(name, about))
    made = coco(entries, inference)
    boxes = defaultdict[int, list[Annotation]](list)
    for each in made.annotations:
        boxes[each.image_id].append(each)
    for image in made.images:
        text = lines(boxes[image.id], image.width, image.height)
        (folder / "labels" / image.file_name).with_suffix(".txt").write_text(text)
    names = "".join(f"{category.name}\n" for category in made.categories)
    (folder / "classes.txt").write_text(names)
    path = folder / "annotations.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))
    os.sync()  # one wait for the disk, not one a file
    return made
