"""How a configuration's places and values are written: on one line and without a secret."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from actors.address import masked
from actors.sections import (
    Camera,
    Collect,
    Config,
    Frames,
    Inference,
    Models,
    Overlay,
    Rtsp,
    Sink,
    Telemetry,
    Upload,
)

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # and what else ends a line
SECRET = re.compile(r"users|pass|secret|token|credential|key\Z|connection")

SECTIONS: dict[str, type[Struct]] = {
    "camera": Camera,
    "inference": Inference,
    "overlay": Overlay,
    "rtsp": Rtsp,
    "models": Models,
    "telemetry": Telemetry,
    "sink": Sink,
    "collect": Collect,
    "upload": Upload,
    "frames": Frames,
}
Place = tuple[str | int, ...]  # keys and indices, from the top


def control_characters(value: object, place: Place = ()) -> Iterable[str]:
    """Keys and strings of the document, at any depth, that would not stay on their line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if CONTROL.search(key):
                yield f"{spelled((*place, key))}: a key has no control characters in it"
            yield from control_characters(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from control_characters(inner, (*place, at))
    elif isinstance(value, str) and CONTROL.search(value):
        yield f"{spelled(place)}{shown(place, value)}: a string has no control characters in it"


def types_of(kind: type[Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(kind)}


def type_at(place: Place) -> Any:
    """The type of a known key; None for unknown keys, for sections and for what is below a key."""
    match [part for part in place if isinstance(part, str)]:
        case [key] if key not in SECTIONS:
            return types_of(Config).get(key)
        case [section, key] if section in SECTIONS:
            return types_of(SECTIONS[section]).get(key)
    return None


def spelled(place: Place) -> str:
    """A place as one reads it; odd keys by their repr, so on one line."""
    spelled = ""
    for part in place:
        if isinstance(part, int):
            spelled += f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part)
            spelled += f".{part if plain else repr(masked(part))[:60]}"
    return spelled.removeprefix(".")


def shown(place: Place, value: object) -> str:
    """` = VALUE` where it can hold no secret: scalars, and lists of them, of known keys."""
    items = value if isinstance(value, list) else [value]
    hidden = (
        type_at(place) is None
        or any(isinstance(part, str) and SECRET.search(part) for part in place)
        or any(isinstance(item, dict | list) for item in items)
        or (items is value and place[0] == "rtsp")
    )
    if hidden:
        return ""
    plain = [masked(item) if isinstance(item, str) else item for item in items]
    return f" = {plain if items is value else plain[0]!r}"[:120]
