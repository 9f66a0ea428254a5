"""Which actors a word means."""

import pytest

from actors.config import Camera, Config, Inference
from actors.supervision.words import NoSuch, actors_named, entries_named

EYE, EAR = Inference("eye"), Inference("ear", swap="restart")
DEVICE = Config(camera=(Camera("front"),), inference=(EYE, EAR))


@pytest.mark.parametrize(
    ("word", "actors", "entries"),
    [
        ("inference", ["inference-eye-a", "inference-eye-b", "inference-ear-a"], [EYE, EAR]),
        ("inference-eye", ["inference-eye-a", "inference-eye-b"], [EYE]),
        ("inference-eye-b", ["inference-eye-b"], []),
        ("inference-ear", ["inference-ear-a"], [EAR]),
        ("camera", ["camera-front"], []),
        ("overlay", ["overlay"], []),
    ],
)
def test_what_a_word_means(word: str, actors: list[str], entries: list[Inference]) -> None:
    assert actors_named(DEVICE, word) == actors
    assert entries_named(DEVICE, word) == entries


def test_a_process_comes_before_an_entry_of_its_name() -> None:
    device = Config(inference=(EYE, Inference("eye-a")))
    assert actors_named(device, "inference-eye-a") == ["inference-eye-a"]
    assert entries_named(device, "inference-eye-a") == []
    assert entries_named(device, "inference") == list(device.inference)


def test_unknown_words_are_answered_with_the_known() -> None:
    with pytest.raises(NoSuch, match=r"there are camera, .*inference-eye, inference-e"):
        actors_named(DEVICE, "inference-nose")
