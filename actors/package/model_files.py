"""Model files: which of them make up a model, whether they are there, and how it is handed on.

| named | files | from memory |
|---|---|---|
| `x.xml` | OpenVINO IR, with `x.bin` | yes |
| `x.onnx` | with the files its tensors lie in | if it has none |
| `x.pdmodel` | Paddle, with `x.pdiparams` | yes |
| `x.pb`, `x.tflite` | one | no |
| a folder, or `saved_model.pb` in it | TensorFlow's SavedModel: all in that folder | no |
"""

import hashlib
import mmap
import os
import posixpath
from pathlib import Path, PurePosixPath

from actors.package import PackageError
from actors.package.files import Files
from actors.package.names import broken_rule
from actors.package.onnx import external_files
from actors.package.package import InMemory

MODEL_SUFFIXES = {".xml", ".onnx", ".tflite", ".pb", ".pdmodel"}
WEIGHTS = {".xml": ".bin", ".pdmodel": ".pdiparams"}
SAVED_MODEL = "saved_model.pb"
IN_MEMORY = (".xml", ".onnx", ".pdmodel")  # that OpenVINO reads without a file
BLOB = (
    "a .blob is compiled for the Myriad X, which OpenVINO no longer runs: "
    "package the .xml and .bin or the .onnx it was made from"
)


def parts_of(files: Files, name: str, named_by: str) -> tuple[str, ...]:
    """All files of the model that is named, the first being what it is known by."""
    there, path = files.has(name), PurePosixPath(name)
    if not there and path.suffix not in MODEL_SUFFIXES and files.has(f"{name}/{SAVED_MODEL}"):
        name, there, path = f"{name}/{SAVED_MODEL}", True, path / SAVED_MODEL
    if path.suffix == ".blob":
        raise PackageError(f"{files.where(name)}: {BLOB}")
    if path.suffix not in MODEL_SUFFIXES:
        kinds = ", ".join(sorted(MODEL_SUFFIXES))
        raise PackageError(f"{files.where(name)}: a model is one of {kinds}")
    if not there:
        raise PackageError(f"{files.where(name)}: named by {named_by}, but not there")
    if path.name == SAVED_MODEL:
        inside = files.names(posixpath.dirname(name))
        return (name, *(one for one in inside if one != name))
    others = _external(files, name) if path.suffix == ".onnx" else ()
    if path.suffix in WEIGHTS:
        others = (str(path.with_suffix(WEIGHTS[path.suffix])),)
    for other in others:
        if not files.has(other):
            raise PackageError(f"{files.where(other)}: weights of {path.name}, but not there")
    return (name, *others)


def handed_on(files: Files, parts: tuple[str, ...]) -> Path | InMemory:
    """The model in the shape that OpenVINO takes: its path, or its bytes."""
    name, *others = parts
    path = files.path(name)
    if path:
        return path.parent if path.name == SAVED_MODEL else path
    suffix = PurePosixPath(name).suffix
    if suffix not in IN_MEMORY or (suffix == ".onnx" and others):
        kinds = ", ".join(IN_MEMORY)
        raise PackageError(
            f"{files.where(name)}: OpenVINO reads this only from a disk, and the package is in "
            f"memory; there it takes {kinds}, an .onnx without files beside it"
        )
    return InMemory(files.where(name), files.read(name), files.read(others[0]) if others else b"")


def fingerprint(files: Files, *models: tuple[str, ...]) -> str:
    """A version for what has none: the start of its weights' SHA-256."""
    digests = []
    for name, *others in models:
        for part in others if PurePosixPath(name).suffix in WEIGHTS else (name, *others):
            with files.open(part) as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    whole = digests[0]
    if len(digests) > 1:
        whole = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return f"sha256-{whole[:12]}"


def _external(files: Files, name: str) -> tuple[str, ...]:
    """The names of files beside an ONNX model that its tensors lie in."""
    try:
        locations = {one.removeprefix("./") for one in _locations(files, name)}
    except ValueError as error:
        raise PackageError(f"{files.where(name)}: is no ONNX model: {error}") from error
    folder = posixpath.dirname(name)
    for location in locations:
        if rule := broken_rule(location):
            raise PackageError(
                f"{files.where(name)}: has weights in {location[:80]!r}: {rule}, from the model on"
            )
    return tuple(sorted(posixpath.join(folder, location) for location in locations))


def _locations(files: Files, name: str) -> set[str]:
    path = files.path(name)
    if path is None:
        return external_files(files.read(name))
    with files.open(name) as file:
        if not os.fstat(file.fileno()).st_size:  # which cannot be mapped
            return set()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return external_files(mapped)
