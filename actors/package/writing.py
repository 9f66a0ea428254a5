"""Packages written: a manifest as TOML, a folder as a zip.

Equal manifests make equal text: what differs from the defaults, in the order of the structs.
Equal folders make equal zips (with the same zlib): names sorted, one time, one mode.
"""

import json
import re
import shutil
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import fields

from actors.package import PackageError
from actors.package.archive import LIMITS, judge
from actors.package.files import Folder
from actors.package.integrity import verify
from actors.package.manifest import MANIFEST, Manifest, Part
from actors.package.names import clash
from actors.package.parsing import parse
from actors.package.reading import read_manifest

NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
PLAIN_FILE = (stat.S_IFREG | 0o644) << 16


def manifest_text(manifest: Manifest) -> str:
    """The manifest as TOML; `PackageError` if no reader would take it."""
    said = _said(manifest)
    tables = {key: value for key, value in said.items() if isinstance(value, Part | dict)}
    lines = _lines({key: value for key, value in said.items() if key not in tables})
    for key, table in tables.items():
        rows = _said(table) if isinstance(table, Part) else dict(sorted(table.items()))
        lines += ["", f"[{key}]", *_lines(rows)]
    text = "\n".join(lines) + "\n"
    if parse(text.encode(errors="replace"), MANIFEST) != manifest:
        raise PackageError(f"{MANIFEST}: {manifest.name}: would not read as it was written")
    return text


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Put `manifest.toml` into the directory, whole or not at all."""
    part, text = directory / f".{MANIFEST}.part", manifest_text(manifest)
    try:
        part.write_text(text, "utf-8")
        part.replace(directory / MANIFEST)
    finally:
        part.unlink(missing_ok=True)


def pack(directory: Path, archive: Path) -> None:
    """Zip the package in `directory`; one with a manifest must be as it lists it.

    What `unpack` would refuse is not left behind. Faults of the disk are `OSError`.
    """
    folder = Folder(directory)
    if folder.has(MANIFEST):
        verify(folder, read_manifest(folder))
    names = folder.names()
    if together := clash(names):
        raise PackageError(f"{directory}: {together}")
    for name in names:
        size_bytes = (directory / name).stat().st_size
        if size_bytes > LIMITS.member_bytes:  # and over 2 GiB no zip without ZIP64 can hold it
            rule = f"has {size_bytes} bytes, over {LIMITS.member_bytes}"
            raise PackageError(f"{directory / name}: {rule}")
    part = archive.with_name(f".{archive.name}.part")
    try:
        _zip(folder, names, part)
        judge(part, title=str(archive))
        part.replace(archive)
    finally:
        part.unlink(missing_ok=True)


def _zip(folder: Folder, names: tuple[str, ...], archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as packed:
        for name in names:
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.create_system, entry.external_attr = 3, PLAIN_FILE  # 3: Unix
            entry.compress_type = zipfile.ZIP_DEFLATED
            with folder.open(name) as file, packed.open(entry, "w") as member:
                shutil.copyfileobj(file, member)


def _said(part: Part) -> dict[str, object]:
    """The fields that differ from their defaults."""
    values = {field.name: (getattr(part, field.name), field.default) for field in fields(part)}
    return {name: value for name, (value, default) in values.items() if value not in (default, {})}


def _lines(said: Mapping[str, object]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in said.items()]


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    """TOML 1.0: a string of JSON's is one of TOML's, but for a raw DEL, which no manifest has."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return repr(float(value))
        case Part():
            said = ", ".join(
                _lines({name: getattr(value, name) for name in value.__struct_fields__})
            )
            return f"{{{said}}}"
        case tuple() if any(isinstance(item, Part) for item in value):
            return "[\n" + "".join(f"  {_value(item)},\n" for item in value) + "]"
        case tuple():
            return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"{type(value).__name__} has no place in a manifest")
