"""Percept's bodies, written out by hand from its specification."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.inference import families
from actors.package.reading import Package
from actors.telemetry.messages.percept import (
    FAMILIES,
    Size,
    UnknownFamily,
    letter,
    neural_network,
)
from bus.messages import Box, FrameRef, Result

HD = Size(1920, 1088)


def result(*boxes: Box, family: str = "ssd") -> Result:
    return Result(
        camera="front",
        frame_seq=7,
        captured_ns=5,
        captured_utc_ns=1623780711123456789,
        ref=FrameRef("camera-front", 1, 2, 3),
        inference="street",
        model="street",
        version="3",
        family=family,
        device="CPU",
        boxes=list(boxes),
    )


def test_nothing_seen_is_an_empty_list() -> None:
    assert neural_network(result(), HD) == b'{"NEURAL_NETWORK": []}'


def test_a_detection_in_percepts_own_spaces() -> None:
    # 0.25 * 1920 = 480, 0.5 * 1088 = 544, 0.75 * 1920 = 1440, all whole
    seen = result(Box("person", 0.912345, 0.25, 0.5, 0.75, 1.0))
    assert neural_network(seen, HD) == (
        b'{"NEURAL_NETWORK": [{"bbox": [0.250, 0.500, 0.750, 1.000],"label": "person", '
        b'"confidence": "0.912345", "timestamp": "1623780711123456789"}]}'
    )


def test_what_a_model_says_is_written_to_the_last_digit() -> None:
    rows = np.array([[[[0, 1, 0.912345, 0.123, 0.045, 0.456, 0.789], [-1] + 6 * [0]]]], np.float32)
    package = Package("m", "1", "ssd", (Path("m.xml"),), ("", "person"), 0.5)
    boxes = families.FAMILIES["ssd"].decode({"o": rows}, package, 0.5)
    # cut to whole pixels: 236.2, 48.96, 875.5 and 858.4
    assert neural_network(result(*boxes), HD) == (
        b'{"NEURAL_NETWORK": [{"bbox": [0.123, 0.044, 0.456, 0.789],"label": "person", '
        b'"confidence": "0.912345", "timestamp": "1623780711123456789"}]}'
    )


def test_a_product_is_cut_as_32_bits_have_it() -> None:
    # 0.7 * 10 is 7 in 32 bits and 6.9999999 in more
    seen = result(Box("person", 0.5, 0.0, 0.0, float(np.float32(0.7)), 1.0))
    assert b"[0.000, 0.000, 0.700, 1.000]" in neural_network(seen, Size(10, 10))


def test_several_keep_their_order() -> None:
    seen = result(Box("car", 0.5, 0, 0, 0.5, 0.5), Box("bus", 1.0, 0.5, 0.5, 1, 1))
    assert neural_network(seen, Size(100, 100)) == (
        b'{"NEURAL_NETWORK": [{"bbox": [0.000, 0.000, 0.500, 0.500],"label": "car", '
        b'"confidence": "0.500000", "timestamp": "1623780711123456789"}, '
        b'{"bbox": [0.500, 0.500, 1.000, 1.000],"label": "bus", '
        b'"confidence": "1.000000", "timestamp": "1623780711123456789"}]}'
    )


@pytest.mark.parametrize(
    ("corners", "size", "bbox"),
    [
        # pixels 123.4 -> 123, 45.6 -> 45, 455.9 -> 455, 789.9 -> 789, of 1000
        ((0.1234, 0.0456, 0.4559, 0.7899), Size(1000, 1000), "0.123, 0.045, 0.455, 0.789"),
        # 0.333 * 816 = 271.7 -> 271, 0.1 * 616 = 61.6 -> 61, 0.666 * 816 = 543.5 -> 543,
        # 0.9 * 616 = 554.4 -> 554; 271/816 = .3321, 61/616 = .0990, 543/816 = .6654, .8994
        ((0.333, 0.1, 0.666, 0.9), Size(816, 616), "0.332, 0.099, 0.665, 0.899"),
        # 0.1 * 3 -> 0, 0.9 * 3 = 2.7 -> 2 of 3
        ((0.1, 0.0, 0.9, 1.0), Size(3, 2), "0.000, 0.000, 0.667, 1.000"),
        ((-0.5, -3.0, 1.5, 0.5), Size(100, 100), "0.000, 0.000, 1.000, 0.500"),  # cut
        ((0.501, 0.1, 0.502, 0.9), Size(100, 100), "0.000, 0.000, 0.000, 0.000"),  # 50 to 50
        ((1.2, 0.1, 1.5, 0.9), Size(100, 100), "0.000, 0.000, 0.000, 0.000"),  # outside
    ],
)
def test_corners_are_cut_to_whole_pixels(
    corners: tuple[float, float, float, float], size: Size, bbox: str
) -> None:
    body = neural_network(result(Box("a", 0.5, *corners)), size).decode()
    assert body.startswith(f'{{"NEURAL_NETWORK": [{{"bbox": [{bbox}],"label": ')


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ('a "quoted" \\ one', b'"a \\"quoted\\" \\\\ one"'),
        ("two\nlines\t", b'"two\\nlines\\t"'),
        ("\x00\x1f", b'"\\u0000\\u001f"'),
        ("Fußgänger 🚶", '"Fußgänger 🚶"'.encode()),  # as Percept sent it
        ("", b'""'),
    ],
)
def test_labels_are_escaped(label: str, written: bytes) -> None:
    body = neural_network(result(Box(label, 0.5, 0, 0, 1, 1)), HD)
    assert b'],"label": ' + written + b', "confidence": ' in body


def test_a_thousand_boxes() -> None:
    boxes = [Box(f"label {n}", n / 1000, n / 1000, 0, 1, 1) for n in range(1000)]
    sent = json.loads(neural_network(result(*boxes), Size(1000, 1000)))["NEURAL_NETWORK"]
    assert [one["label"] for one in sent] == [box.label for box in boxes]
    assert [one["confidence"] for one in sent] == [f"{n / 1000:.6f}" for n in range(1000)]


@given(
    st.lists(st.builds(Box, st.text(), st.floats(), *[st.floats()] * 4)),
    st.builds(Size, st.integers(1, 9999), st.integers(1, 9999)),
)
def test_whatever_is_seen_is_json_within_the_frame(boxes: list[Box], size: Size) -> None:
    sent = json.loads(neural_network(result(*boxes), size))["NEURAL_NETWORK"]
    assert [one["label"] for one in sent] == [box.label for box in boxes]
    for one in sent:
        x0, y0, x1, y1 = one["bbox"]
        assert 0 <= x0 <= x1 <= 1
        assert 0 <= y0 <= y1 <= 1


def test_each_family_of_today_has_its_message() -> None:
    assert FAMILIES.keys() == families.FAMILIES.keys()


def test_a_family_that_percept_did_not_have_is_said_by_name() -> None:
    with pytest.raises(UnknownFamily, match="'rings': Percept has no message for it, only for ssd"):
        neural_network(result(family="rings"), HD)


def test_the_letter_goes_first_where_room_is_needed() -> None:
    sent = letter(result(), HD, 99)
    assert (sent.topic, sent.priority, sent.schema) == ("results/front/street", 0, "percept")
    assert (sent.body, sent.created_utc_ns) == (b'{"NEURAL_NETWORK": []}', 99)
    assert sent.content_type == "application/json"
