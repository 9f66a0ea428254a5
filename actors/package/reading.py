"""What a model package says of itself, read and checked (files in, one value out).

A package is a directory with `manifest.toml` (ours) or `config.json` (Azure Percept's), or a
bare model file, or a directory with just one of those. What nobody says is found out later
from the model (the family) or left plain (labels become class numbers).
"""

import hashlib
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

MODEL_SUFFIXES = {".xml", ".onnx", ".tflite", ".pb", ".pdmodel"}
# Percept's DomainType, lower-cased, to our families.
DOMAINS = {"ssd100": "ssd", "ssd200": "ssd", "default": "ssd", "faster-rcnn-resnet50": "ssd"}
BLOB = (
    "a .blob is compiled for the Myriad X, which OpenVINO no longer runs: "
    "package the .xml and .bin or the .onnx it was made from"
)
Three = tuple[float, float, float]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class PackageError(Exception):
    """Why a package cannot be used, in one sentence."""


class Input(Struct, frozen=True, forbid_unknown_fields=True):
    """How pixels become the model's input: value = (pixel - mean) / scale, pixels 0..255."""

    layout: Literal["NCHW", "NHWC"] = "NCHW"
    colour: Literal["BGR", "RGB"] = "BGR"
    mean: Three = (0.0, 0.0, 0.0)
    scale: Three = (1.0, 1.0, 1.0)
    resize: Literal["stretch"] = "stretch"


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`manifest.toml`: paths are relative to it."""

    name: str
    model: str
    version: str = ""
    family: str = ""
    labels: str | tuple[str, ...] = ()
    threshold: Fraction = 0.5
    licence: str = ""
    input: Input = Input()


class PerceptConfig(Struct, frozen=True, rename="pascal"):
    """Azure Percept's `config.json`; other keys are ignored, as they always were."""

    model_file_name: str
    domain_type: str
    label_file_name: str = ""


class Package(Struct, frozen=True):
    """A model ready to be loaded. `family` is empty if only the model itself can tell."""

    name: str
    version: str
    family: str
    model: Path
    labels: tuple[str, ...]
    threshold: float
    input: Input = Input()

    def label(self, class_id: int) -> str:
        known = 0 <= class_id < len(self.labels) and self.labels[class_id]
        return known or str(class_id)


def read_package(path: Path) -> Package:
    """Read a package, or raise `PackageError`."""
    try:
        return _read(path)
    except OSError as error:  # not ours to read, say
        raise PackageError(f"{error.filename or path}: {error.strerror or error}") from error


def _read(path: Path) -> Package:
    if not path.exists():
        raise PackageError(f"{path}: there is no such file or directory")
    if path.is_file():
        return _bare(path)
    for name, read in READERS.items():
        if (path / name).is_file():
            return read(path / name)
    models = sorted(file for file in path.iterdir() if file.suffix in MODEL_SUFFIXES)
    if len(models) != 1:
        found = ", ".join(file.name for file in models) or _blob_or_nothing(path)
        raise PackageError(
            f"{path}: without {' or '.join(READERS)} there must be one model file; found {found}"
        )
    return _bare(models[0])


def _ours(path: Path) -> Package:
    try:
        manifest = msgspec.convert(tomllib.loads(path.read_text()), Manifest)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise PackageError(f"{path}: {error}") from error
    labels = manifest.labels
    return Package(
        manifest.name,
        manifest.version or fingerprint(_model_file(path, manifest.model)),
        manifest.family,
        _model_file(path, manifest.model),
        _label_file(path, labels) if isinstance(labels, str) else labels,
        manifest.threshold,
        manifest.input,
    )


def _percept(path: Path) -> Package:
    try:
        config = msgspec.convert(json.loads(path.read_bytes()), PerceptConfig)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise PackageError(f"{path}: {error}") from error
    domain = config.domain_type.lower()
    if domain not in DOMAINS:
        raise PackageError(
            f"{path}: DomainType = {config.domain_type!r}: not supported; there are "
            + ", ".join(DOMAINS)
        )
    models = [name.strip() for name in config.model_file_name.split(",")]
    if len(models) != 1:
        raise PackageError(f"{path}: ModelFileName = {models}: {domain} has one model file")
    model = _model_file(path, models[0])
    labels = _label_file(path, config.label_file_name) if config.label_file_name else ()
    return Package(model.stem, fingerprint(model), DOMAINS[domain], model, labels, 0.5)


READERS: dict[str, Callable[[Path], Package]] = {"manifest.toml": _ours, "config.json": _percept}


def _bare(path: Path) -> Package:
    return Package(path.stem, fingerprint(path), "", _model_file(path, path.name), (), 0.5)


def _model_file(beside: Path, name: str) -> Path:
    path = beside.parent / name
    if path.suffix == ".blob":
        raise PackageError(f"{path}: {BLOB}")
    if path.suffix not in MODEL_SUFFIXES:
        kinds = ", ".join(sorted(MODEL_SUFFIXES))
        raise PackageError(f"{path}: a model is one of {kinds}")
    for file in (path, path.with_suffix(".bin")) if path.suffix == ".xml" else (path,):
        if not file.is_file():
            raise PackageError(f"{file}: named by {beside.name}, but not there")
    return path


def _label_file(beside: Path, name: str) -> tuple[str, ...]:
    """One label a line, the line's index is the class id; blank lines count."""
    try:
        return tuple(line.rstrip("\r") for line in (beside.parent / name).read_text().split("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise PackageError(f"{beside.parent / name}: {error}") from error


def _blob_or_nothing(path: Path) -> str:
    return f"only a .blob: {BLOB}" if any(path.glob("*.blob")) else "none"


def fingerprint(path: Path) -> str:
    """A version for what has none: the start of its weights' SHA-256."""
    weights: Any = path.with_suffix(".bin") if path.suffix == ".xml" else path
    if not weights.is_file():
        return ""
    with weights.open("rb") as file:
        return "sha256-" + hashlib.file_digest(file, "sha256").hexdigest()[:12]
