"""What a process may load when it is called: by whom it is called, and after what."""

from pathlib import Path

import pytest

from actors.config import Inference
from actors.inference.shift import MOST_TRIES, _choice, _ladder
from actors.inference.slot import Wanted
from actors.inference.standby import Call
from tests.actors.inference.rig import Slot

NEW, OLD = Wanted(Path("new"), "d2"), Wanted(Path("old"), "d1")


@pytest.mark.parametrize(
    ("reason", "tries", "wanted"),
    [
        ("relief", 0, [NEW]),
        ("promotion", 0, [NEW]),
        ("vacancy", 0, [NEW, OLD]),
        ("vacancy", MOST_TRIES - 1, [NEW, OLD]),
        ("vacancy", MOST_TRIES, [OLD]),
    ],
)
def test_only_a_holder_falls_back_and_begins_there_after_crashes(
    reason: str, tries: int, wanted: list[Wanted]
) -> None:
    call = Call(reason, 1)  # type: ignore[arg-type]
    assert _choice(Slot(NEW, OLD), call, tries)() == wanted


def test_the_only_model_is_loaded_after_any_number_of_crashes() -> None:
    assert _choice(Slot(NEW), Call("vacancy", 1), 9)() == [NEW]


@pytest.mark.parametrize(
    ("call", "devices"),
    [
        (Call("vacancy"), ("NPU", "GPU", "CPU")),
        (Call("relief", 2), ("NPU", "GPU", "CPU")),
        (Call("promotion", 2, "CPU"), ("NPU", "GPU")),
        (Call("promotion", 2, "GPU"), ("NPU",)),
    ],
)
def test_a_promotion_is_to_a_better_device_only(call: Call, devices: tuple[str, ...]) -> None:
    entry = Inference("eye", devices=("NPU", "GPU", "CPU"))
    assert _ladder(entry, call) == devices
