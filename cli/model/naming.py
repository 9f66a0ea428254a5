"""Which slot and which version a word of the command line means (pure, but for the reader)."""

import os
import re
from collections.abc import Sequence
from typing import Annotated

import typer

from actors.config import Config, Inference
from actors.store.reader import Reader
from actors.store.record import Version, newest, objection
from cli.refusal import Refused

DIGEST_START = re.compile(r"[0-9a-f]{8,64}")

Word = Annotated[
    str, typer.Argument(metavar="NAME[@VERSION]", help="Or the first 8 digits or more of a digest")
]
SlotName = Annotated[
    str | None,
    typer.Option("--slot", metavar="NAME", help="The [[inference]] entry, if there are several"),
]


def entry_of(device: Config, name: str | None) -> Inference:
    """The `[[inference]]` entry that is meant; the only one if none is named."""
    entries = {entry.name: entry for entry in device.inference}
    known = ", ".join(entries)
    if name is None and len(entries) == 1:
        return device.inference[0]
    if not entries:
        raise Refused("no [[inference]] entry is configured, so no slot; add one", os.EX_USAGE)
    if name is None:
        raise Refused(
            f"there are several [[inference]] entries, {known}: name one with --slot", os.EX_USAGE
        )
    if name not in entries:
        raise Refused(f"--slot {name}: no such [[inference]] entry; there are {known}", os.EX_USAGE)
    return entries[name]


def named(reader: Reader, word: str) -> list[Version]:
    """All versions that a word means, the one added last at the end; `StoreError` if there is none.

    A version whose record is damaged goes by its digest alone.
    """
    name, _, version = word.partition("@")
    versions = reader.versions().versions
    found = [v for v in versions if v.record and v.record.name == name]
    found = [v for v in found if v.record and version in {"", v.record.version}]
    if not found and DIGEST_START.fullmatch(word):
        found = [v for v in versions if v.digest.startswith(word)]
    return found or [newest(versions, name, version)]


def best(versions: Sequence[Version]) -> Version:
    """The one added last that may run, else the one added last."""
    usable = [version for version in versions if not objection(version)]
    return (usable or versions)[-1]


def only(versions: Sequence[Version], word: str) -> Version:
    """The one that is meant, as what cannot be undone is not done to a guess."""
    if len(versions) > 1:
        meant = ", ".join(version.title for version in versions)
        raise Refused(
            f"{word}: means {len(versions)} versions, {meant}: name one of them", os.EX_USAGE
        )
    return versions[0]
