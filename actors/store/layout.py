"""Where everything in the store lies. A name is checked before it becomes a path (pure)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from actors.store.trouble import StoreError

SLOT = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
DIGEST = re.compile(r"[0-9a-f]{64}")
COPY = ".copy"  # no slot's name has a dot in it
ENDING = ".json"
SPARE = ".tmp"  # after a whole file name: being written

Digest = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Choice = Annotated[str, Meta(pattern=r"\A([0-9a-f]{64})?\Z")]  # "": none


@dataclass(frozen=True)
class Layout:
    """The folders and files below `root`, which is `$STATE/models`."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def packages(self) -> Path:
        return self.root / "packages"

    @property
    def records(self) -> Path:
        return self.root / "records"

    @property
    def slots(self) -> Path:
        return self.root / "slots"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def staging(self) -> Path:
        return self.root / "staging"

    def package(self, digest: str) -> Path:
        return self.packages / _checked_digest(digest)

    def record(self, digest: str) -> Path:
        return self.records / (_checked_digest(digest) + ENDING)

    def note(self, digest: str) -> Path:
        return self.quarantine / (_checked_digest(digest) + ENDING)

    def slot(self, name: str) -> Path:
        return self.slots / (_checked_slot(name) + ENDING)

    def copy(self, name: str) -> Path:
        """The second copy of a slot, to fall back on."""
        return self.slots / (_checked_slot(name) + COPY + ENDING)

    def shown(self, path: Path) -> str:
        """A path inside the store, as sentences name it."""
        return str(path.relative_to(self.root))


def digests_among(names: list[str]) -> list[str]:
    return _stems(names, is_digest)


def slots_among(names: list[str]) -> list[str]:
    """The slots that have a file, if only a copy."""
    originals = {name.replace(COPY + ENDING, ENDING) for name in names}
    return _stems(sorted(originals), is_slot)


def is_digest(text: str) -> bool:
    return DIGEST.fullmatch(text) is not None


def is_slot(text: str) -> bool:
    return SLOT.fullmatch(text) is not None


def _stems(names: list[str], wanted: Callable[[str], bool]) -> list[str]:
    stems = [name.removesuffix(ENDING) for name in names if name.endswith(ENDING)]
    return [stem for stem in stems if wanted(stem)]


def _checked_digest(digest: str) -> str:
    if not is_digest(digest):
        raise StoreError(f"{digest[:80]!r}: not a version's digest, which is 64 digits 0-9 a-f")
    return digest


def _checked_slot(name: str) -> str:
    if not is_slot(name):
        raise StoreError(
            f"{name[:80]!r}: not a slot's name; it is that of an [[inference]] entry: a-z 0-9 _ -, "
            "at most 24, the first a letter or digit"
        )
    return name
