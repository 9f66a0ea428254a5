"""Results as Azure Percept's eye module sent them, byte for byte (pure).

`{"NEURAL_NETWORK": ...}` with confidence and timestamp as strings, corners as fractions of the
frame with three decimals, made of whole pixels. One thing differs: a label is escaped as JSON
asks. A family has one line in the table; one that is not there had no message in Percept.
"""

import struct
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from actors.telemetry.letter import RESULTS, Letter
from bus.messages import Box, Result

SCHEMA = "percept"
SINGLE = struct.Struct("f")


class UnknownFamily(ValueError):
    """Percept had no message for results of this family."""


class Size(NamedTuple):
    """Of the frame that was looked at, in pixels."""

    width: int
    height: int


def letter(result: Result, size: Size, now_utc_ns: int) -> Letter:
    """A result to send; raises `UnknownFamily`."""
    topic = f"results/{result.camera}/{result.inference}"
    body = neural_network(result, size)
    return Letter(topic, RESULTS, body, SCHEMA, created_utc_ns=now_utc_ns)


def neural_network(result: Result, size: Size) -> bytes:
    """The body alone; raises `UnknownFamily`."""
    payload = FAMILIES.get(result.family)
    if payload is None:
        known = ", ".join(FAMILIES)
        raise UnknownFamily(
            f"family = {result.family!r}: Percept has no message for it, only for {known}; "
            "send schema retinue/1 instead"
        )
    return f'{{"NEURAL_NETWORK": {payload(result, size)}}}'.encode()


def detections(result: Result, size: Size) -> str:
    """What all of Percept's detectors sent: a list, in the model's order."""
    each = (_detection(box, size, result.captured_utc_ns) for box in result.boxes)
    return f"[{', '.join(each)}]"


def _detection(box: Box, size: Size, captured_utc_ns: int) -> str:
    corners = ", ".join(f"{corner:.3f}" for corner in _corners(box, size))
    label = msgspec.json.encode(box.label).decode()
    return (
        f'{{"bbox": [{corners}],"label": {label}, "confidence": "{box.score:.6f}", '
        f'"timestamp": "{captured_utc_ns}"}}'
    )


def _corners(box: Box, size: Size) -> tuple[float, float, float, float]:
    """Cut to whole pixels of the frame, and back to fractions of it."""
    x0, x1 = _pixel(box.x0, size.width), _pixel(box.x1, size.width)
    y0, y1 = _pixel(box.y0, size.height), _pixel(box.y1, size.height)
    if x1 <= x0 or y1 <= y0:  # OpenCV's intersection, which Percept took, is then all zeros
        return 0.0, 0.0, 0.0, 0.0
    return x0 / size.width, y0 / size.height, x1 / size.width, y1 / size.height


def _pixel(fraction: float, side: int) -> int:
    """The product in 32 bits, as Percept had it: where it ends matters next to a whole pixel."""
    # 0.0 first: what is not a number becomes 0
    product = min(max(0.0, fraction), 1.0) * side
    return int(SINGLE.unpack(SINGLE.pack(product))[0])


FAMILIES: dict[str, Callable[[Result, Size], str]] = {"ssd": detections}
