"""Which files beside it an ONNX model takes its weights from (pure: bytes in, names out).

Only the messages on the way to `TensorProto.external_data` are read (onnx.proto of ONNX, IR
version 10), all else is stepped over. What is no ONNX model is a `ValueError`.
"""

import mmap
from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5  # wire types
FIXED_BYTES = {FIXED64: 8, FIXED32: 4}
LONGEST_VARINT = 10
DEEPEST = 64  # messages in messages; graphs are inside nodes of graphs
MOST_FIELDS = 10_000_000  # some seconds
EXTERNAL_DATA, KEY, VALUE = 13, 1, 2

# Message, to the fields that lead on: number to the message that it holds.
WAYS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {EXTERNAL_DATA: "external"},
}
Data = bytes | mmap.mmap


class Field(NamedTuple):
    """Where a field's value begins and ends."""

    number: int
    wire: int
    start: int
    end: int


def external_files(model: Data) -> set[str]:
    """The `location` of each tensor that lies outside the model."""
    found: set[str] = set()
    within = [("model", _fields(model, 0, len(model)))]
    for _ in range(MOST_FIELDS):
        if not within:
            return found
        message, fields = within[-1]
        field = next(fields, None)
        if field is None:
            within.pop()
            continue
        kind = WAYS[message].get(field.number) if field.wire == LENGTH else None
        if kind == "external":
            found.update(_location(model, field))
        elif kind:
            within.append((kind, _fields(model, field.start, field.end)))
        if len(within) > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} messages")
    raise ValueError(f"more than {MOST_FIELDS} fields")


def _location(data: Data, entry: Field) -> list[str]:
    """Of a StringStringEntryProto with the key `location`, its value."""
    fields = _fields(data, entry.start, entry.end)
    said = {field.number: data[field.start : field.end] for field in fields}
    return [said.get(VALUE, b"").decode()] if said.get(KEY) == b"location" else []


def _fields(data: Data, at: int, end: int) -> Iterator[Field]:
    while at < end:
        tag, start = _varint(data, at, end)
        wire = tag & 7
        if wire == VARINT:
            _, at = _varint(data, start, end)
        elif wire == LENGTH:
            length, start = _varint(data, start, end)
            at = start + length
        elif wire in FIXED_BYTES:
            at = start + FIXED_BYTES[wire]
        else:
            raise ValueError(f"a field has the unknown wire type {wire}")
        if at > end:
            raise ValueError("a field is longer than what holds it")
        yield Field(tag >> 3, wire, start, at)


def _varint(data: Data, at: int, end: int) -> tuple[int, int]:
    """A number and where it ends."""
    value = 0
    for shift in range(min(LONGEST_VARINT, end - at)):
        byte = data[at + shift]
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:  # noqa: PLR2004 the last byte's mark
            return value, at + shift + 1
    raise ValueError("a number has no end")
