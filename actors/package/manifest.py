"""`manifest.toml`: what a package says of itself, as structs.

`docs/packages.md` has every key. What a type cannot say is in `parsing.faults`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

MANIFEST = "manifest.toml"
SIGNATURE = "manifest.sig"

NAME = r"\A[a-z0-9][a-z0-9._-]{0,63}\Z"
VERSION = r"\A([A-Za-z0-9][A-Za-z0-9._+-]{0,31})?\Z"
FAMILY = r"\A([a-z0-9][a-z0-9_-]{0,31})?\Z"
OPENVINO = r"\A(20[0-9]{2}\.[0-9]{1,2}(\.[0-9]{1,2})?)?\Z"
IN_WORDS = {
    NAME: "a name is 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit",
    VERSION: "a version is 1 to 32 of A-Z a-z 0-9 . _ + - and begins with a letter or digit",
    FAMILY: "a family is 1 to 32 of a-z 0-9 _ - and begins with a letter or digit",
    OPENVINO: 'a release of OpenVINO is written as "2026.0" or "2026.0.1"',
}
Fraction = Annotated[float, Meta(ge=0, le=1)]
Three = tuple[float, float, float]


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all tables: what is not a key is an error."""


class Input(Part, frozen=True):
    """How pixels become the model's input: value = (pixel - mean) / scale, pixels 0..255."""

    layout: Literal["NCHW", "NHWC"] = "NCHW"
    colour: Literal["BGR", "RGB"] = "BGR"
    mean: Three = (0.0, 0.0, 0.0)
    scale: Three = (1.0, 1.0, 1.0)
    resize: Literal["stretch"] = "stretch"


class GoldenBox(Part, frozen=True):
    """A box that must be seen; corners are fractions of the picture."""

    label: str
    x0: Fraction
    y0: Fraction
    x1: Fraction
    y1: Fraction


class Golden(Part, frozen=True):
    """A picture of the package and what the model sees in it, wherever it runs rightly."""

    picture: str
    boxes: Annotated[tuple[GoldenBox, ...], Meta(min_length=1)]
    min_iou: Fraction = 0.5


class Manifest(Part, frozen=True):
    """`manifest.toml`: paths are relative to it."""

    name: Annotated[str, Meta(pattern=NAME)]
    model: str
    version: Annotated[str, Meta(pattern=VERSION)] = ""
    family: Annotated[str, Meta(pattern=FAMILY)] = ""
    labels: str | tuple[str, ...] = ()
    threshold: Fraction = 0.5
    thresholds: dict[str, float] = {}
    anchors: tuple[tuple[float, ...], ...] = ()
    licence: str = ""
    minimum_openvino: Annotated[str, Meta(pattern=OPENVINO)] = ""
    input: Input = Input()
    files: dict[str, str] = {}
    golden: Golden | None = None
