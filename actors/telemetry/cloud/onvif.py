"""Messages to the input `onvif-control-msg-input`, as Percept's ONVIF module sent them (pure).

A JSON object whose values are text, each optional: `-fps`, `-s` and `snapshot`. It counts whole or
not at all. Other keys are ignored, and so is a message that is no object.
"""

import re
from typing import Any, Literal, NamedTuple

import msgspec

from actors.telemetry.cloud.properties import SETTINGS, Check, Refused, shown, word

INPUT = "onvif-control-msg-input"
WHOLE = re.compile(r"[0-9]{1,9}")

Snapshot = Literal["raw", "result"]


class Control(NamedTuple):
    """Fields of `Settings` to change, and the stream to take a picture of, "" for none."""

    changes: dict[str, Any]
    snapshot: Snapshot | Literal[""] = ""


def control(body: bytes) -> Control:
    """Raises `Refused` with a sentence."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refused(f"{INPUT}: wants a JSON object, and the message was none") from None
    if not isinstance(said, dict):
        return Control({})
    found = {key: _checked(key, said[key]) for key in CHECKS if key in said}
    changes = {field: found[key] for key, field in FIELDS.items() if key in found}
    return Control(changes, found.get("snapshot", ""))


def _checked(key: str, given: object) -> Any:
    try:
        return CHECKS[key](given)
    except Refused as refused:
        raise Refused(f"{INPUT}: {key} {refused}; nothing was changed") from None


def _rate(given: object) -> object:
    if not isinstance(given, str) or not WHOLE.fullmatch(given):
        raise Refused(f"wants a whole number as text, not {shown(given)}")
    return SETTINGS["StreamFPS"].check(int(given))


FIELDS = {"-fps": "stream_fps", "-s": "stream_resolution"}
CHECKS: dict[str, Check] = {
    "-fps": _rate,
    "-s": SETTINGS["StreamResolution"].check,
    "snapshot": word("raw", "result"),
}
