"""What passes between whoever wants a package admitted and the process that tries it."""

import re
from pathlib import Path
from typing import Literal

from msgspec import Struct

from actors.package.names import CONTROL

LONGEST_SENTENCE = 400  # characters


class Request(Struct, frozen=True):
    """A package to be tried, and by which rules."""

    source: str  # a zip, a sealed container, a folder or a model file
    staged: str  # an empty folder; the package is left there, as it is to be stored
    devices: tuple[str, ...]
    cache: str  # a folder for what is compiled
    hint: Literal["latency", "throughput"] = "latency"
    threads: int = 0
    threshold: float | None = None
    signature: Literal["required", "if-present", "off"] = "if-present"
    trusted_keys: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    slowest_ms: float = 1000.0
    memory_mb: int = 4000
    cpu_s: int = 120


class Step(Struct, frozen=True, tag="step"):
    """What the process is about to do."""

    doing: str


class Verdict(Struct, frozen=True, tag="verdict"):
    """How it ended. With a `reason` the package is refused."""

    reason: str = ""
    digest: str = ""
    name: str = ""
    version: str = ""
    family: str = ""
    licence: str = ""
    signed_by: str = ""
    sealed: bool = False
    device: str = ""
    openvino: str = ""
    latency_ms: float = 0.0
    notes: tuple[str, ...] = ()


Word = Step | Verdict


def shown(words: str, request: Request) -> str:
    """The process's words as anybody may read them: one line, not long.

    Files are called by where they are in the package: where it was staged means nothing later.
    """
    line = CONTROL.sub("?", " ".join(words.split()))
    line = re.sub(rf"{_whole(request.staged)}(?![\w./-])", "the package", line)
    for place in (request.staged, str(Path(request.source).parent)):
        line = line if place == "." else re.sub(f"{_whole(place)}/", "", line)
    return line if len(line) <= LONGEST_SENTENCE else f"{line[: LONGEST_SENTENCE - 1]}…"


def _whole(place: str) -> str:
    """A pattern for a path that no longer one ends in."""
    return rf"(?<![\w./-]){re.escape(place)}"
