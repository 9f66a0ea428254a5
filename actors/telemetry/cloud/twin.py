"""What a device twin's desired properties come to, document after document (pure).

A property that is absent from a document stays, null puts it back to its default, and a bad value
is refused while the rest counts. Unknown properties are ignored. What is kept are the accepted
values: settings and wishes follow from them, so to apply a document twice is to apply it once.

A name is a property's, or `models.<entry>.<key>` of what `models` asks for one inference entry.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from actors.address import masked
from actors.store.trouble import one_line
from actors.telemetry.cloud.properties import MODEL, MODELS, SETTINGS, Refused, of_model, shown

Status = Literal["applied", "default", "refused", "pending"]

VERSION = "$version"
LARGEST = 2**52 - 1  # of a whole number in a twin
MOST_FAULTS = 3  # of `models`, that are told
LONGEST = 400


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of a property in the newest document that had it."""

    status: Status
    version: int = 0  # of that document
    description: str = ""


class Record(Struct, frozen=True):
    """All that is known of the twin. Holds secrets: tokens in addresses."""

    version: int = -1  # of the newest document; -1: there was none
    accepted: dict[str, Any] = {}  # by name; those that are not at their default
    outcomes: dict[str, Outcome] = {}  # by name
    open: tuple[str, ...] = ()  # accepted, and not in the settings and wishes yet
    gap: bool = False  # a change was missed: the next whole document counts as new

    def __repr__(self) -> str:
        return f"Record(version={self.version})"


class Values(NamedTuple):
    """What a document gives for each name it has, and what is wrong with its `models`."""

    given: dict[str, object]
    faults: tuple[str, ...] = ()


def version_of(desired: Mapping[str, object]) -> int | None:
    version = desired.get(VERSION)
    if isinstance(version, bool) or not isinstance(version, int):
        return None
    return version if 0 <= version <= LARGEST else None


def given_in(desired: Mapping[str, object], record: Record, entries: Sequence[str]) -> Values:
    """`entries` are the names of the device's inference entries."""
    given = {name: desired[name] for name in (*SETTINGS, *MODEL) if name in desired}
    if MODELS not in desired:
        return Values(given)
    asked = desired[MODELS]
    given[MODELS] = asked
    if asked is None:
        return Values(given | dict.fromkeys(_of_models(record.accepted)))
    if not isinstance(asked, Mapping):
        return Values(
            given, (f"wants an object with an entry's name for each key, not {shown(asked)}",)
        )
    faults = []
    for entry, keys in asked.items():
        place = f"{MODELS}.{entry}."
        if keys is None:
            given |= dict.fromkeys(_beginning(record.accepted, place))
        elif entry not in entries:
            faults.append(
                f"{_quoted(entry)}: no such inference entry; there are {_listed(entries)}"
            )
        elif isinstance(keys, Mapping):
            given |= {place + key: keys[key] for key in MODEL if key in keys}
        else:
            faults.append(f"{_quoted(entry)}: wants an object, not {shown(keys)}")
    return Values(given, tuple(faults))


def judged(record: Record, values: Values, version: int, entries: Sequence[str]) -> Record:
    """The record after a document of this version."""
    accepted, outcomes = dict(record.accepted), dict(record.outcomes)
    for name, given in values.given.items():
        if name == MODELS:
            continue
        if given is None:
            accepted.pop(name, None)
            outcomes[name] = Outcome("default", version)
            continue
        try:
            accepted[name] = _checked(name, given, entries)
            outcomes[name] = Outcome("applied", version)
        except Refused as refused:
            reason = f"{refused}; it stays as it was"
            outcomes[name] = Outcome("refused", version, reason[:LONGEST])
    if MODELS in values.given:
        asked = any(True for _ in _of_models(accepted))
        outcomes[MODELS] = Outcome("applied" if asked else "default", version)
        if values.faults:
            outcomes[MODELS] = Outcome("refused", version, _told(values.faults))
    settled = [name for name in values.given if outcomes[name].status != "refused"]
    left = tuple(dict.fromkeys([*record.open, *settled]))
    return Record(version, accepted, outcomes, left)


def settings_of(accepted: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The fields of `Settings` that these properties set. `LogLevel` counts before `Logging`."""
    fields = {SETTINGS[name].field: accepted.get(name) for name in names if name in SETTINGS}
    if "log_level" in fields:
        logging = "debug" if accepted.get("Logging") else None
        fields["log_level"] = accepted.get("LogLevel") or logging
    return fields


def wishes_of(
    accepted: Mapping[str, Any], names: Iterable[str], entries: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """By entry, the keys of its wish that these properties set, None for the default.

    Those without an entry are the first one's; what `models` says of it counts before them.
    """
    changes: dict[str, dict[str, Any]] = {}
    for name in names:
        entry, key = _place(name, entries)
        if entry in entries:
            plain = accepted.get(key) if entry == entries[0] else None
            wish = changes.setdefault(entry, {})
            wish[key] = accepted.get(f"{MODELS}.{entry}.{key}", plain)
    return changes


def _place(name: str, entries: Sequence[str]) -> tuple[str, str]:
    """The entry whose wish a name sets, "" for none, and the key."""
    if name in MODEL:
        return (entries[0] if entries else "", name)
    if name.startswith(f"{MODELS}."):
        _, entry, key = name.split(".")
        return entry, key
    return "", ""


def _checked(name: str, given: object, entries: Sequence[str]) -> object:
    if name in SETTINGS:
        return SETTINGS[name].check(given)
    value = of_model(name.rpartition(".")[2], given)
    if not entries and value != MODEL[name].default:
        raise Refused("there is no [[inference]] entry in the device's configuration; add one")
    return value


def _of_models(accepted: Mapping[str, Any]) -> Iterable[str]:
    return _beginning(accepted, f"{MODELS}.")


def _beginning(accepted: Mapping[str, Any], place: str) -> list[str]:
    return [name for name in accepted if name.startswith(place)]


def _told(faults: Sequence[str]) -> str:
    more = len(faults) - MOST_FAULTS
    told = "; ".join(faults[:MOST_FAULTS]) + (f"; and {more} more" if more > 0 else "")
    return told[:LONGEST]


def _quoted(entry: object) -> str:
    return repr(one_line(masked(str(entry))[:24]))


def _listed(entries: Sequence[str]) -> str:
    return ", ".join(entries[:8]) or "none"
