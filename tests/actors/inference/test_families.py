from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from actors.inference.families import FAMILIES, family_of
from actors.inference.families.ssd import decode, fits
from actors.package.reading import Package
from bus.messages import Box

PACKAGE = Package("m", "1", "", (Path("m.xml"),), ("car", "person"), 0.5)


def rows(
    *values: tuple[float, ...],
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    return {"detection_out": np.array(values, np.float32).reshape(1, 1, -1, 7)}


def single(number: float) -> float:
    """As a model gives it, in 32 bits, to the last digit."""
    return float(np.float32(number))


def test_boxes_above_the_threshold_until_the_end_mark() -> None:
    outputs = rows(
        (0, 1, 0.9, 0.1, 0.2, 0.3, 0.4),
        (0, 0, 0.49, 0.1, 0.2, 0.3, 0.4),
        (0, 7, 0.5, 0.5, 0.5, 1.0, 1.0),
        (-1, 0, 0, 0, 0, 0, 0),
        (0, 1, 0.99, 0.1, 0.2, 0.3, 0.4),
    )
    assert decode(outputs, PACKAGE, 0.5) == [
        Box("person", single(0.9), *(single(n) for n in (0.1, 0.2, 0.3, 0.4))),
        Box("7", 0.5, 0.5, 0.5, 1.0, 1.0),
    ]


def test_boxes_are_cut_to_the_frame_and_empty_ones_left_out() -> None:
    outputs = rows(
        (0, 0, 0.9, -0.5, -1, 0.5, 2),
        (0, 0, 0.9, 1.2, 0.1, 1.4, 0.2),
        (0, 0, 0.9, 0.5, 0.1, 0.5, 0.2),
        (0, 0, 0.9, np.nan, np.nan, np.nan, np.nan),
        (0, 0, np.nan, 0, 0, 1, 1),
    )
    assert decode(outputs, PACKAGE, 0.5) == [Box("car", single(0.9), 0.0, 0.0, 0.5, 1.0)]


def test_a_label_with_a_threshold_of_its_own_is_held_to_that() -> None:
    package = replace(PACKAGE, thresholds={"car": 0.3, "person": 0.8, "7": 0.9})
    outputs = rows(
        (0, 0, 0.3, 0.1, 0.2, 0.3, 0.4),
        (0, 0, 0.29, 0.1, 0.2, 0.3, 0.4),
        (0, 1, 0.8, 0.1, 0.2, 0.3, 0.4),
        (0, 1, 0.79, 0.1, 0.2, 0.3, 0.4),
        (0, 7, 0.89, 0.1, 0.2, 0.3, 0.4),
        (0, 8, 0.5, 0.1, 0.2, 0.3, 0.4),
        (0, 8, 0.49, 0.1, 0.2, 0.3, 0.4),
    )
    seen = [(box.label, box.score) for box in decode(outputs, package, 0.5)]
    assert seen == [("car", single(0.3)), ("person", single(0.8)), ("8", 0.5)]


def test_nothing_seen_is_an_empty_list() -> None:
    assert decode(rows((-1, 0, 0, 0, 0, 0, 0)), PACKAGE, 0.5) == []
    assert decode({"o": np.zeros((1, 1, 0, 7), np.float32)}, PACKAGE, 0.5) == []


@pytest.mark.parametrize(
    ("shapes", "fit"),
    [
        ([(1, 1, 200, 7)], True),
        ([(1, 1, -1, 7)], True),
        ([(1, 1, 200, 6)], False),
        ([(1, 200, 7)], False),
        ([(1, 1, 200, 7), (1, 4)], False),
        ([], False),
    ],
)
def test_ssd_is_known_by_its_shape(shapes: list[tuple[int, ...]], fit: bool) -> None:
    assert fits(shapes) is fit


def test_the_family_is_the_packages_or_guessed() -> None:
    named = Package("m", "1", "ssd", (Path("m.xml"),), (), 0.5)
    assert family_of(named, {"o": (1, 1, 200, 7)}) == "ssd"
    assert family_of(PACKAGE, {"o": (1, 1, 200, 7)}) == "ssd"
    with pytest.raises(ValueError, match="do not fit ssd"):
        family_of(named, {"o": (1, 1000)})
    with pytest.raises(ValueError, match="do not fit any of ssd"):
        family_of(PACKAGE, {"o": (1, 1000)})
    odd = Package("m", "1", "palmistry", (Path("m.xml"),), (), 0.5)
    with pytest.raises(ValueError, match="'palmistry': unknown; there are ssd"):
        family_of(odd, {"o": (1, 1, 200, 7)})


def test_every_family_can_be_recognised() -> None:
    assert all(callable(family.fits) and callable(family.decode) for family in FAMILIES.values())
