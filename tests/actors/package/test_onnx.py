"""Where an ONNX model's weights lie, found in whatever bytes it is."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.package.onnx import DEEPEST, external_files
from tests.actors.package.protobuf import held, model, number, said, tensor, varint, with_weights_in

T = tensor(b"w.bin")
GRAPH = held(5, T)  # of a graph: an initializer
WAYS = {
    "an initializer": held(7, GRAPH),
    "a sparse initializer's values": held(7, held(15, held(1, T))),
    "a sparse initializer's indices": held(7, held(15, held(2, T))),
    "a node's tensor": held(7, held(1, held(5, held(5, T)))),
    "a node's graph": held(7, held(1, held(5, held(6, GRAPH)))),
    "a node's tensors": held(7, held(1, held(5, held(10, T)))),
    "a node's graphs": held(7, held(1, held(5, held(11, GRAPH)))),
    "a node's sparse tensor": held(7, held(1, held(5, held(22, held(1, T))))),
    "a node's sparse tensors": held(7, held(1, held(5, held(23, held(2, T))))),
    "a function's node": held(25, held(7, held(5, held(5, T)))),
    "a function's attribute": held(25, held(11, held(5, T))),
    "how training begins": held(20, held(1, GRAPH)),
    "what training does": held(20, held(2, GRAPH)),
}


@pytest.mark.parametrize("way", WAYS)
def test_weights_are_found_wherever_a_tensor_can_be(way: str) -> None:
    assert external_files(WAYS[way]) == {"w.bin"}


def test_each_file_is_named_once() -> None:
    assert external_files(with_weights_in("a", "b/c", "a")) == {"a", "b/c"}


def test_a_model_with_all_its_weights_inside_names_none() -> None:
    inside = held(5, held(9, bytes(1000)), held(8, b"location"))
    assert external_files(model(inside)) == set()
    assert external_files(b"") == set()


def test_what_looks_like_a_location_elsewhere_is_none() -> None:
    """The same numbers mean other things in other messages."""
    decoy = said(b"location", b"no.bin")
    for place in (decoy, held(7, decoy), held(7, held(1, decoy)), held(8, held(5, decoy))):
        assert external_files(place) == set()
    assert external_files(model(held(5, said(b"checksum", b"no.bin")))) == set()


def test_fields_of_all_wire_types_are_stepped_over() -> None:
    other = number(3, 1 << 63) + varint(4 << 3 | 1) + bytes(8) + varint(5 << 3 | 5) + bytes(4)
    assert external_files(other + model(held(5, other, T), other)) == {"w.bin"}


def test_a_location_without_a_value_is_an_empty_name() -> None:
    assert external_files(model(held(5, held(13, held(1, b"location"))))) == {""}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x0b", "a field has the unknown wire type 3"),
        (b"\x0a\x05abc", "a field is longer than what holds it"),
        (b"\x0d\x00", "a field is longer than what holds it"),
        (b"\x80", "a number has no end"),
        (b"\x08" + b"\xff" * 11, "a number has no end"),
        (held(7, b"\x0a\x05abc"), "a field is longer than what holds it"),
        (held(7, b"\x0a") + b"abc", "a number has no end"),
        (with_weights_in("a")[:-1], "a field is longer than what holds it"),
        (model(held(5, held(13, held(1, b"location"), held(2, b"\xff")))), "can't decode"),
        (b"<?xml version='1.0'?>", "a field has the unknown wire type 4"),
    ],
)
def test_what_is_no_onnx_model_is_said_to_be_none(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        external_files(data)


def test_graphs_in_graphs_have_an_end() -> None:
    def nested(depth: int) -> bytes:
        graph = GRAPH
        for _ in range(depth):
            graph = held(1, held(5, held(6, graph)))  # a node's attribute's graph
        return held(7, graph)

    assert external_files(nested(20)) == {"w.bin"}
    with pytest.raises(ValueError, match=f"nested deeper than {DEEPEST}"):
        external_files(nested(30))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_model_or_none(data: bytes) -> None:
    try:
        external_files(data)
    except ValueError as error:
        assert str(error)  # noqa: PT017 that is all that may be raised


@settings(max_examples=300)
@given(st.data())
def test_a_model_with_any_byte_changed_is_a_model_or_none(data: st.DataObject) -> None:
    good = bytearray(with_weights_in("weights.bin"))
    good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        external_files(bytes(good))
    except ValueError as error:
        assert str(error)  # noqa: PT017 that is all that may be raised


def test_real_models_have_their_weights_inside(shared_data: Path) -> None:
    models = sorted(shared_data.glob("models/*/*.onnx"))
    assert models
    for path in models:
        assert external_files(path.read_bytes()) == set(), path.name
