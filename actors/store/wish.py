"""What somebody far away wants a slot to run, as desired properties of a device twin (pure).

Besides our own keys there are Azure Percept's six, with its names, types and defaults. A property
that is absent from a change stays, null puts it back to its default, and with all at their
defaults the slot runs what the configuration names. A wish whose `step` was worked off is done.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import fields, replace

from actors.store.slot import Count
from actors.store.source import CONTROL, SHA256, Listed, Protected, Source, SourceError, Web, parse

LONGEST = 4096
LARGEST = 2**53 - 1  # what JSON's numbers hold everywhere
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
PART = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]{1,127}")
OURS = ("model", "sha256", "number")


class Wish(Struct, frozen=True, omit_defaults=True):
    """`model` counts before Percept's properties. Holds secrets, tokens in addresses say."""

    step: Count = 0  # one more with each change, and when the same is to be fetched again
    model: str = ""  # a source, NAME@VERSION of the store, or a name of the catalogue
    sha256: str = ""  # of what comes from an address
    number: int = 0  # another one: fetch the same again
    zip_url: str = msgspec.field(name="ModelZipUrl", default="")
    secure: bool = msgspec.field(name="SecureAILifecycleEnabled", default=False)
    name: str = msgspec.field(name="SCZ_MODEL_NAME", default="")
    version: str = msgspec.field(name="SCZ_MODEL_VERSION", default="")
    server: str = msgspec.field(name="SCZ_MM_SERVER_URL", default="")
    from_server: bool = msgspec.field(name="DownloadSecuredModelFromMMServer", default=True)

    def __repr__(self) -> str:
        return f"Wish(step={self.step})"


class Stored(Struct, frozen=True):
    """A version that is in the store already."""

    name: str
    version: str

    @property
    def shown(self) -> str:
        return f"{self.name}@{self.version}"


class Changed(NamedTuple):
    """The wish after a change, and a sentence for each property that was refused."""

    wish: Wish
    refusals: tuple[str, ...] = ()


def changed(wish: Wish, change: Mapping[str, object], *, again: bool = False) -> Changed:
    """The wish after the properties in `change`; those of a twin that are not ours are ignored.

    `again`: work it off anew, even if nothing changed.
    """
    values: dict[str, Any] = {}
    refusals = []
    for field in fields(Wish):
        key = field.encode_name
        if key not in CHECKS or key not in change:
            continue
        given = change[key]
        try:
            values[field.name] = field.default if given is None else CHECKS[key](given)
        except ValueError as error:
            refusals.append(f"{key}: {error}; it stays as it was")
    after = replace(wish, **values)
    if again or after != wish:
        after = replace(after, step=wish.step + 1)
    return Changed(after, tuple(refusals))


def wanted(wish: Wish) -> Source | Stored | None:
    """What to install, None for what the configuration names. Raises `SourceError`."""
    if wish.model:
        return _with_digest(_model(wish.model), wish.sha256)
    if wish.secure:
        return _protected(wish)
    return _with_digest(parse(wish.zip_url), wish.sha256) if wish.zip_url else None


def _model(text: str) -> Source | Stored:
    """A word is a name; all else is a source, so that a file is spelled with its folder."""
    name, at, version = text.partition("@")
    if not WORD.fullmatch(name) or (at and not WORD.fullmatch(version)):
        return parse(text)
    return Stored(name, version) if at else Listed(name)


def _with_digest(asked: Source | Stored, sha256: str) -> Source | Stored:
    if isinstance(asked, Web) and sha256:
        return replace(asked, sha256=sha256)
    return asked


def _protected(wish: Wish) -> Protected:
    needed = {
        "SCZ_MODEL_NAME": wish.name,
        "SCZ_MODEL_VERSION": wish.version,
        "SCZ_MM_SERVER_URL": wish.server,
    }
    if not wish.from_server:
        needed["ModelZipUrl"] = wish.zip_url
    empty = [key for key, value in needed.items() if not value]
    if empty:
        raise SourceError(f"SecureAILifecycleEnabled = true: set {', '.join(empty)} too")
    url = "" if wish.from_server else wish.zip_url
    return Protected(wish.server, wish.name, wish.version, url)


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError(f"wants text, not {_kind(given)}")  # noqa: TRY004 one outcome
    if len(given) > LONGEST or CONTROL.search(given):
        raise ValueError(f"wants at most {LONGEST} characters, none of which ends a line")
    return given


def _asked(given: object) -> str:
    text = _text(given)
    if text:
        _model(text)
    return text


def _address(given: object) -> str:
    text = _text(given)
    if text and not isinstance(parse(text), Web):
        raise ValueError("wants an address that begins with https:// or http://")
    return text


def _server(given: object) -> str:
    text = _text(given)
    if text and not text.startswith("https://"):
        raise ValueError("wants an address that begins with https://")
    return text


def _part(given: object) -> str:
    text = _text(given)
    if text and not PART.fullmatch(text):
        raise ValueError("wants letters, digits, dots, dashes and underscores")
    return text


def _digest(given: object) -> str:
    text = _text(given)
    if text and not SHA256.fullmatch(text):
        raise ValueError("wants 64 hexadecimal digits")
    return text.lower()


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f"wants true or false, not {_kind(given)}")  # noqa: TRY004 one outcome
    return given


def _number(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= LARGEST:
        raise ValueError(f"wants a whole number from 0 to {LARGEST}")
    return given


def _kind(given: object) -> str:
    match given:
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
    return "a list or an object"


CHECKS: dict[str, Callable[[object], Any]] = {
    "model": _asked,
    "sha256": _digest,
    "number": _number,
    "ModelZipUrl": _address,
    "SecureAILifecycleEnabled": _flag,
    "SCZ_MODEL_NAME": _part,
    "SCZ_MODEL_VERSION": _part,
    "SCZ_MM_SERVER_URL": _server,
    "DownloadSecuredModelFromMMServer": _flag,
}
