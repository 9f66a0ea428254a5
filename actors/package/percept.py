"""Azure Percept's packages as they are: `config.json`, and Custom Vision's `cvexport.manifest`.

A `DomainType` is translated to a family of ours here; whether this version can decode that
family is for the table of families to say.
"""

import json
from typing import TypeVar

import msgspec
from msgspec import Struct

from actors.package import PackageError
from actors.package.manifest import Input

Said = TypeVar("Said", bound=Struct)
CONFIG = "config.json"
CVEXPORT = "cvexport.manifest"
CVEXPORT_MODEL = "model.xml"
DETECTION = "objectdetection"
FAMILIES = {  # a DomainType in lower case, to our name
    "ssd100": "ssd",
    "ssd200": "ssd",
    "default": "ssd",
    "faster-rcnn-resnet50": "ssd",
    "onnxssd": "onnxssd",
    "yolo": "yolov2",
    "s1": "s1",
    "classification": "classification",
    "unet": "unet",
    "openpose": "openpose",
    "ocr": "ocr",
}
MODELS = {"ocr": 2}  # a detector of text, then what reads it; all others have one
S1_MARKS = (b"mobilenetv2ssdlitev2_pytorch", b"compact_od_s1_v2")
# Custom Vision's models expect RGB from 0 to 1. Percept rewrote their weights: it reversed the
# first convolution's input channels and divided them by 255, and reversed and multiplied by 255
# the mean that is subtracted before it. A convolution is linear, and both leave the zeros that
# pad a picture zeros, so that is the same as reversing the channels and dividing by 255 in front
# of the model as it is: (255 x - 255 m) * (w / 255) = (x - m) * w.
CVEXPORT_INPUT = Input(colour="RGB", scale=(255.0, 255.0, 255.0))


class CvExport(Struct, frozen=True, rename="pascal"):
    """`cvexport.manifest`; other keys are ignored, as they always were, `ModelFileName` too."""

    domain_type: str
    label_file_name: str | None = None


class Config(Struct, frozen=True, rename="pascal"):
    """`config.json`; other keys are ignored, as they always were."""

    model_file_name: str
    domain_type: str
    label_file_name: str | None = None


class Percept(Struct, frozen=True):
    """What is said of the models: their files in order, family, label file (or none), input."""

    models: tuple[str, ...]
    family: str
    labels: str
    input: Input = Input()


def read_config(data: bytes, where: str) -> Percept:
    """`config.json`; `where` begins each message."""
    config = _converted(data, Config, where)
    domain = config.domain_type.lower()
    if domain == DETECTION:
        raise PackageError(
            f"{where}: DomainType = {config.domain_type!r}: belongs into {CVEXPORT}; "
            f"{CONFIG} says s1 or yolo"
        )
    if domain not in FAMILIES:
        raise PackageError(
            f"{where}: DomainType = {config.domain_type!r}: not supported; there are "
            + ", ".join(FAMILIES)
        )
    models = [_relative(name) for name in config.model_file_name.split(",")]
    wanted = MODELS.get(domain, 1)
    if len(models) != wanted:
        raise PackageError(
            f"{where}: ModelFileName = {config.model_file_name!r}: {domain} has "
            f"{'one model file' if wanted == 1 else f'{wanted} model files'}"
        )
    return Percept(tuple(models), FAMILIES[domain], _relative(config.label_file_name))


def read_cvexport(data: bytes, graph: bytes, where: str) -> Percept:
    """`cvexport.manifest`, whose model is `model.xml` with the content `graph`."""
    config = _converted(data, CvExport, where)
    domain = config.domain_type.lower()
    if domain == DETECTION:
        domain = "s1" if any(mark in graph for mark in S1_MARKS) else "yolo"
    elif domain != "classification":
        raise PackageError(
            f"{where}: DomainType = {config.domain_type!r}: not supported; there are "
            "classification and objectdetection"
        )
    return Percept(
        (CVEXPORT_MODEL,), FAMILIES[domain], _relative(config.label_file_name), CVEXPORT_INPUT
    )


def _converted(data: bytes, kind: type[Said], where: str) -> Said:
    try:
        return msgspec.convert(json.loads(data), kind)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise PackageError(f"{where}: {error}") from error


def _relative(name: str | None) -> str:
    return (name or "").strip().removeprefix("./")
