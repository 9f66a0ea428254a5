"""Kept pictures as a COCO document, https://cocodataset.org/#format-data (pure).

The boxes are what models saw, no truth: who trains on them looks at them first. `score`,
`inference`, `model` and what is said of the camera are keys of ours, which readers leave alone.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import Struct

from actors.collect.sidecar import Reason, Sidecar
from bus.health import SECOND_NS
from bus.messages import Box

DECIMALS = 2  # of a pixel


class Image(Struct, frozen=True, kw_only=True):
    """One picture; `date_captured` is UTC."""

    id: int
    file_name: str
    width: int
    height: int
    date_captured: str
    camera: str
    captured_utc_ns: int
    reasons: tuple[Reason, ...]


class Category(Struct, frozen=True):
    """One label."""

    id: int
    name: str
    supercategory: str = ""


class Annotation(Struct, frozen=True, kw_only=True):
    """One box: left, top, width, height in pixels."""

    id: int
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    area: float
    iscrowd: int = 0
    score: float
    inference: str
    model: str


class Info(Struct, frozen=True, kw_only=True):
    """What the document is."""

    description: str = "Pictures kept by Retinue; boxes are what models saw in them"
    version: str = "retinue-image/1"


class Coco(Struct, frozen=True, kw_only=True):
    """The whole `annotations.json`."""

    info: Info = Info()
    licenses: tuple[str, ...] = ()
    images: list[Image]
    annotations: list[Annotation]
    categories: list[Category]


class Entry(NamedTuple):
    """A picture under the name that it is exported by."""

    file_name: str
    about: Sidecar


def coco(entries: Sequence[Entry], inference: str | None = None) -> Coco:
    """With the boxes of all models, or of one `[[inference]]` entry."""
    names = sorted({box.label for each in entries for _, _, box in _seen(each.about, inference)})
    kinds = {name: number for number, name in enumerate(names, 1)}
    images, annotations = [], list[Annotation]()
    for number, (file_name, about) in enumerate(entries, 1):
        images.append(_image(number, file_name, about))
        for entry, model, box in _seen(about, inference):
            bbox = pixels(box, about.width, about.height)
            annotations.append(
                Annotation(
                    id=len(annotations) + 1,
                    image_id=number,
                    category_id=kinds[box.label],
                    bbox=bbox,
                    area=round(bbox[2] * bbox[3], DECIMALS),
                    score=round(box.score, 4),
                    inference=entry,
                    model=model,
                )
            )
    categories = [Category(number, name) for name, number in kinds.items()]
    return Coco(images=images, annotations=annotations, categories=categories)


def pixels(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    """Left, top, width, height of what of it lies in the picture."""
    x0, x1 = (min(max(x, 0.0), 1.0) * width for x in (box.x0, box.x1))
    y0, y1 = (min(max(y, 0.0), 1.0) * height for y in (box.y0, box.y1))
    left, top = round(x0, DECIMALS), round(y0, DECIMALS)
    return left, top, round(max(0.0, x1 - left), DECIMALS), round(max(0.0, y1 - top), DECIMALS)


def lines(annotations: Iterable[Annotation], width: int, height: int) -> str:
    """One picture's boxes as YOLO's tools read them: class from 0, centre and size as fractions."""
    rows = []
    for each in annotations:
        x, y, w, h = each.bbox
        fractions = (x + w / 2) / width, (y + h / 2) / height, w / width, h / height
        rows.append(" ".join([str(each.category_id - 1), *(f"{one:.6f}" for one in fractions)]))
    return "".join(f"{row}\n" for row in rows)


def _image(number: int, file_name: str, about: Sidecar) -> Image:
    at = datetime.fromtimestamp(about.captured_utc_ns // SECOND_NS, UTC)
    return Image(
        id=number,
        file_name=file_name,
        width=about.width,
        height=about.height,
        date_captured=f"{at:%Y-%m-%d %H:%M:%S}",
        camera=about.camera,
        captured_utc_ns=about.captured_utc_ns,
        reasons=about.reasons,
    )


def _seen(about: Sidecar, inference: str | None) -> Iterable[tuple[str, str, Box]]:
    for look in about.seen:
        if inference in (None, look.inference):
            for box in look.boxes:
                yield look.inference, f"{look.model}@{look.version}", box
