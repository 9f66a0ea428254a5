"""What a model package says of itself, read and checked (files in, one value out).

A package has `manifest.toml` (ours), or `config.json` or `cvexport.manifest` (Azure Percept's),
or is a bare model, or a folder with just one. What nobody says is found out later from the
model (the family) or left plain (labels become class numbers). That what is installed has a
version, and is what its manifest lists, is asked by `integrity.verify`, not here.
"""

import difflib
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from actors.package import PackageError
from actors.package.files import Files, Folder, read_small, read_text
from actors.package.manifest import MANIFEST, Input, Manifest
from actors.package.model_files import (
    BLOB,
    MODEL_SUFFIXES,
    SAVED_MODEL,
    fingerprint,
    handed_on,
    parts_of,
)
from actors.package.names import CONTROL
from actors.package.package import InMemory, Package
from actors.package.parsing import parse
from actors.package.percept import (
    CONFIG,
    CVEXPORT,
    CVEXPORT_MODEL,
    Percept,
    read_config,
    read_cvexport,
)

__all__ = ["InMemory", "Input", "Package", "PackageError", "read_files", "read_package"]

THRESHOLD = 0.5  # of packages that do not say


def read_package(path: Path) -> Package:
    """Read a package from a disk, or raise `PackageError`."""
    try:
        if path.is_dir():
            return read_files(Folder(path))
        there = path.exists()
    except OSError as error:  # not ours to look at, say
        raise PackageError(f"{path}: {error.strerror or error}") from error
    if not there:
        raise PackageError(f"{path}: there is no such file or directory")
    return _bare(Folder(path.parent), path.name)


def read_files(files: Files) -> Package:
    """Read a package from its files, or raise `PackageError`."""
    for name, read in READERS.items():
        if files.has(name):
            return read(files)
    models = _bare_models(files)
    if len(models) != 1:
        found = ", ".join(models) or _blob_or_nothing(files.top())
        raise PackageError(
            f"{files.where('')}: without {' or '.join(READERS)} there must be one model file; "
            f"found {found}"
        )
    return _bare(files, models[0])


def read_manifest(files: Files) -> Manifest:
    """Only what `manifest.toml` says, without a look at other files."""
    return parse(read_small(files, MANIFEST), files.where(MANIFEST))


def _ours(files: Files) -> Package:
    manifest = read_manifest(files)
    parts = parts_of(files, manifest.model, MANIFEST)
    labels = manifest.labels
    if isinstance(labels, str):
        labels = _label_file(files, labels, MANIFEST)
    if manifest.golden and not files.has(manifest.golden.picture):
        picture = files.where(manifest.golden.picture)
        raise PackageError(f"{picture}: named by {MANIFEST}, but not there")
    _check_labels(manifest, labels, files.where(MANIFEST))
    return Package(
        manifest.name,
        manifest.version or fingerprint(files, parts),
        manifest.family,
        (handed_on(files, parts),),
        labels,
        manifest.threshold,
        manifest.input,
        manifest.thresholds,
        manifest.anchors,
        manifest.licence,
        manifest.minimum_openvino,
        manifest.files,
        manifest.golden,
    )


def _check_labels(manifest: Manifest, labels: tuple[str, ...], where: str) -> None:
    """Labels that are named beside the list must be on it; a class without one has its number."""
    boxes = manifest.golden.boxes if manifest.golden else ()
    named = [("thresholds", label) for label in manifest.thresholds]
    named += [("golden.boxes", box.label) for box in boxes]
    for key, label in named:
        if label not in labels and not label.isdecimal():
            near = difflib.get_close_matches(label, labels, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise PackageError(f"{where}: {key}: {label!r} is none of the labels{hint}")


def _percept(files: Files) -> Package:
    said = read_config(read_small(files, CONFIG), files.where(CONFIG))
    return _translated(files, said, CONFIG)


def _custom_vision(files: Files) -> Package:
    (model, *_) = parts_of(files, CVEXPORT_MODEL, CVEXPORT)
    said = read_cvexport(read_small(files, CVEXPORT), files.read(model), files.where(CVEXPORT))
    return _translated(files, said, CVEXPORT)


def _translated(files: Files, said: Percept, named_by: str) -> Package:
    models = [parts_of(files, name, named_by) for name in said.models]
    return Package(
        _name_of(files, models[0][0]),
        fingerprint(files, *models),
        said.family,
        tuple(handed_on(files, parts) for parts in models),
        _label_file(files, said.labels, named_by) if said.labels else (),
        THRESHOLD,
        said.input,
    )


READERS: dict[str, Callable[[Files], Package]] = {
    MANIFEST: _ours,
    CONFIG: _percept,
    CVEXPORT: _custom_vision,
}


def _bare(files: Files, name: str) -> Package:
    parts = parts_of(files, name, "its folder")
    model = handed_on(files, parts)
    return Package(_name_of(files, name), fingerprint(files, parts), "", (model,), (), THRESHOLD)


def _bare_models(files: Files) -> list[str]:
    """Models at the top, and SavedModels in folders there."""
    top = files.top()
    plain = [name for name in top if PurePosixPath(name).suffix in MODEL_SUFFIXES]
    saved = [f"{name}/{SAVED_MODEL}" for name in top]
    return [name for name in (*plain, *saved) if files.has(name)]


def _name_of(files: Files, model: str) -> str:
    """A name for what has none: its model's file's, in the letters that a name has."""
    path = PurePosixPath(files.where(model))
    stem = path.parent.name if path.name == SAVED_MODEL else path.stem
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).lstrip("._-")[:64] or "model"


def _label_file(files: Files, name: str, named_by: str) -> tuple[str, ...]:
    """One label a line, the line's index is the class id; blank lines count."""
    if not files.has(name):
        raise PackageError(f"{files.where(name)}: named by {named_by}, but not there")
    labels = tuple(line.rstrip("\r") for line in read_text(files, name).split("\n"))
    for at, label in enumerate(labels):
        if CONTROL.search(label.replace("\t", "")):
            raise PackageError(
                f"{files.where(name)}: line {at + 1} = {label[:80]!r}: has control characters"
            )
    return labels


def _blob_or_nothing(names: tuple[str, ...]) -> str:
    blobs = any(PurePosixPath(name).suffix == ".blob" for name in names)
    return f"only a .blob: {BLOB}" if blobs else "none"
