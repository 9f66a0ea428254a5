"""From a manifest's bytes to a `Manifest` (pure), or one `PackageError`: key, value and rule."""

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from actors.package import PackageError
from actors.package.manifest import (
    IN_WORDS,
    MANIFEST,
    SIGNATURE,
    Golden,
    GoldenBox,
    Input,
    Manifest,
)
from actors.package.names import CONTROL, broken_rule, clash

MOST_BYTES = 1 << 20  # it is read before anybody vouches for it
LONGEST_SHOWN = 80
SHA256 = re.compile(r"[0-9a-f]{64}")
Place = tuple[str | int, ...]  # keys and indices, from the top


def parse(data: bytes, where: str) -> Manifest:
    """`where` begins each message."""
    if len(data) > MOST_BYTES:
        raise PackageError(f"{where}: longer than {MOST_BYTES} bytes; it is no manifest")
    try:
        raw = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PackageError(f"{where}: {error}") from error
    for problem in (*_control_characters(raw), *_unknown_keys(raw)):
        raise PackageError(f"{where}: {problem}")
    try:
        manifest = msgspec.convert(raw, Manifest)
    except msgspec.ValidationError as error:
        raise PackageError(f"{where}: {_explained(raw, str(error))}") from error
    for problem in faults(manifest):
        raise PackageError(f"{where}: {problem}")
    return manifest


def faults(manifest: Manifest) -> Iterator[str]:
    """What a manifest's types let pass and no reader would take."""
    yield from _wrong_names(manifest)
    yield from _wrong_numbers(manifest)
    for name, digest in manifest.files.items():
        if not SHA256.fullmatch(digest):
            yield f"files.{name!r} = {digest[:LONGEST_SHOWN]!r}: a SHA-256 is 64 of 0-9 a-f"
        if name in {MANIFEST, SIGNATURE}:
            yield f"files.{name!r}: the manifest and its signature are not listed"
    if together := clash(manifest.files):
        yield f"files: {together}"


def _wrong_names(manifest: Manifest) -> Iterator[str]:
    named = [("model", manifest.model), *(("files", name) for name in manifest.files)]
    if isinstance(manifest.labels, str):
        named.append(("labels", manifest.labels))
    if manifest.golden:
        named.append(("golden.picture", manifest.golden.picture))
    for key, name in named:
        if rule := broken_rule(name):
            yield f"{key} = {name[:LONGEST_SHOWN]!r}: {rule}"


def _wrong_numbers(manifest: Manifest) -> Iterator[str]:
    for label, threshold in manifest.thresholds.items():
        if not 0 <= threshold <= 1:
            yield f"thresholds.{label!r} = {threshold}: a threshold is between 0 and 1"
    numbers = {
        "input.mean": manifest.input.mean,
        "input.scale": manifest.input.scale,
        **{f"anchors[{at}]": anchor for at, anchor in enumerate(manifest.anchors)},
    }
    for key, values in numbers.items():
        if not all(map(math.isfinite, values)):
            yield f"{key} = {list(values)}: each is a finite number"
    if 0 in manifest.input.scale:
        yield f"input.scale = {list(manifest.input.scale)}: pixels are divided by it, so not 0"
    for at, box in enumerate(manifest.golden.boxes if manifest.golden else ()):
        if not (box.x0 < box.x1 and box.y0 < box.y1):
            yield f"golden.boxes[{at}]: x0 is left of x1, and y0 above y1"


def _control_characters(value: object, place: Place = ()) -> Iterator[str]:
    """Keys and strings, at any depth, that would not stay on their line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if CONTROL.search(key):
                yield f"{_spelled((*place, key))}: a key has no control characters in it"
            yield from _control_characters(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _control_characters(inner, (*place, at))
    elif isinstance(value, str) and CONTROL.search(value):
        shown = repr(value[:LONGEST_SHOWN])
        yield f"{_spelled(place)} = {shown}: a string has no control characters in it"


def _unknown_keys(raw: dict[str, Any]) -> Iterator[str]:
    golden = raw.get("golden")
    boxes = golden.get("boxes") if isinstance(golden, dict) else None
    yield from _unknown_in(raw, Manifest, ())
    yield from _unknown_in(raw.get("input"), Input, ("input",))
    yield from _unknown_in(golden, Golden, ("golden",))
    for at, box in enumerate(boxes if isinstance(boxes, list) else ()):
        yield from _unknown_in(box, GoldenBox, ("golden", "boxes", at))


def _unknown_in(table: object, kind: type[Struct], place: Place) -> Iterator[str]:
    fields = kind.__struct_fields__
    for key in table if isinstance(table, dict) else ():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(fields)}"
            yield f"{_spelled((*place, key))}: there is no such key{hint}"


def _explained(raw: dict[str, Any], error: str) -> str:
    """msgspec's sentence, with the key spelled as in the file and the value it had."""
    problem, elsewhere, path = error.rpartition(" - at `$")
    if not elsewhere:  # it is of the whole document
        return error
    parts: Iterable[str] = re.findall(r"\w+|\.\.\.", path.rstrip("`"))
    place = tuple(int(part) if part.isdigit() else part for part in parts)
    for pattern, rule in IN_WORDS.items():
        if repr(pattern) in problem:
            problem = rule
    value: Any = raw
    for part in place:
        if part == "...":  # some value of a table, msgspec does not say which
            return f"{_spelled(place[:-1])}: {problem}"
        value = value[part]
    shown = "" if isinstance(value, dict | list) else f" = {repr(value)[:LONGEST_SHOWN]}"
    return f"{_spelled(place)}{shown}: {problem}"


def _spelled(place: Place) -> str:
    """A place as one reads it; odd keys by their repr, so on one line."""
    spelled = ""
    for part in place:
        if isinstance(part, int):
            spelled += f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part)
            spelled += f".{part if plain else repr(part[:LONGEST_SHOWN])}"
    return spelled.removeprefix(".")
