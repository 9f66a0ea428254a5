"""Networks of the Open Model Zoo that can be had by name: what each is, and where its files lie.

All of it is in `catalogue.json`, taken from the zoo's own descriptions (Apache-2.0), commit
7ef5b91f: files with sizes and SHA-384, inputs, classes. The networks stay where they are.
"""

import difflib
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from actors.models.remote import FetchError
from actors.package.manifest import Three

LIST = Path(__file__).with_name("catalogue.json")


class File(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    url: str
    size_bytes: int
    sha384: str


class Variant(Struct, frozen=True, forbid_unknown_fields=True):
    """One precision's files, the model itself first."""

    version: str  # the zoo's release and the precision
    files: tuple[File, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


class Picture(Struct, frozen=True, forbid_unknown_fields=True):
    """The input that the picture goes into; mean and scale are in the order of `colour`."""

    name: str
    shape: tuple[int, ...]
    layout: Literal["NCHW", "NHWC"]
    colour: Literal["BGR", "RGB", "GREY"]
    mean: Three
    scale: Three


class Tensor(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    shape: tuple[int, ...]


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One network. `original` among the precisions is what its authors published."""

    name: str
    task: str  # the zoo's word
    family: str
    licence: str
    input: Picture
    default: str  # the smallest precision that was seen to be right; where none was, FP16
    precisions: dict[str, Variant]
    labels: tuple[str, ...] = ()
    anchors: tuple[tuple[float, ...], ...] = ()  # one list an output, the finest grid first
    also: tuple[Tensor, ...] = ()  # inputs beside the picture
    seen: tuple[str, ...] = ()  # precisions that were run and gave what they should
    unsound: dict[str, str] = {}  # precisions that gave what they should not, and what
    needs: str = ""  # what must be done to it before it can be a package


def available() -> tuple[Entry, ...]:
    """All networks of the catalogue."""
    return msgspec.json.decode(LIST.read_bytes(), type=tuple[Entry, ...])


def find(name: str) -> Entry:
    """The network of that name, or `FetchError` with the nearest names."""
    entries = {entry.name: entry for entry in available()}
    if name in entries:
        return entries[name]
    near = difflib.get_close_matches(name, entries, 3, cutoff=0.5)
    near = near or [known for known in entries if name and name in known][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {len(entries)} networks"
    raise FetchError(f"{name[:64]!r}: not in the catalogue; {hint}")


def variant_of(entry: Entry, precision: str = "") -> Variant:
    """The files of one precision, the default if none is named, or `FetchError`."""
    precision = precision or entry.default
    if precision not in entry.precisions:
        known = ", ".join(entry.precisions)
        raise FetchError(f"{entry.name}: no precision {precision[:32]!r}; there are {known}")
    if precision in entry.unsound:
        raise FetchError(
            f"{entry.name}: {precision} is not offered, {entry.unsound[precision]}; "
            f"take {entry.default}"
        )
    if entry.needs:
        raise FetchError(f"{entry.name}: {entry.needs}, and install the result")
    return entry.precisions[precision]
