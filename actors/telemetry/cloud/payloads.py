"""What each direct method takes, checked (pure)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields

from actors.store.trouble import one_line
from actors.telemetry.cloud.answers import BAD, NotDone
from actors.telemetry.cloud.properties import shown

P = TypeVar("P", bound=Struct)
Level = Literal["debug", "info", "warning", "error"]
Kind = Literal["raw", "result"]
LONGEST_SHOWN = 40


class Nothing(Struct, frozen=True):
    """A method that takes nothing."""


class Snapshot(Struct, frozen=True):
    camera: str = ""  # unset: the first
    stream: Kind = "result"
    width: Annotated[int, Meta(ge=16, le=16384)] | None = None  # at most, in pixels


class RestartStage(Struct, frozen=True):
    stage: str


class ActivateModel(Struct, frozen=True):
    """One of `model` and `url`."""

    model: str = ""
    url: str = ""
    sha256: str = ""
    inference: str = ""  # unset: the only one


class RollbackModel(Struct, frozen=True):
    inference: str = ""


class SetLogLevel(Struct, frozen=True):
    level: Level | None  # null: the configuration's


def read(kind: type[P], payload: object) -> P:
    """The payload as this struct; `NotDone` says key, value and rule. Absent is as empty."""
    given = {} if payload is None else payload
    if not isinstance(given, Mapping):
        raise NotDone(BAD, f"payload = {shown(given)}: wants an object")
    known = {field.encode_name: field for field in fields(kind)}
    for key, value in given.items():
        if key not in known:
            there = f"there are {', '.join(known)}" if known else "this method takes none"
            raise NotDone(BAD, f"{one_line(str(key))[:LONGEST_SHOWN]}: no such key; {there}")
        if isinstance(value, str) and not value.isprintable():
            raise NotDone(BAD, f"{key} = {shown(value)}: wants text of one line")
    for key, field in known.items():
        if field.required and key not in given:
            raise NotDone(BAD, f"{key}: is missing; the payload is an object with it")
    return kind(**{key: _checked(key, known[key].type, value) for key, value in given.items()})


def _checked(key: str, kind: Any, value: object) -> Any:
    """A value by itself: only so it is known which one is wrong."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        rule = str(error)
    if rule.startswith("Invalid enum value"):  # its sentence would go on with the value
        words = [word for word in _words(kind) if word is not None]
        rule = f"there are {', '.join(words)}"
    raise NotDone(BAD, f"{key} = {shown(value)}: {rule}")


def _words(kind: Any) -> tuple[Any, ...]:
    """Those of a literal, or of one that may be null."""
    words: tuple[Any, ...] = ()
    for part in get_args(kind):
        words += get_args(part) or (part,)
    return tuple(word for word in words if isinstance(word, str))
