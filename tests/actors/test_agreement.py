"""How far two models see the same."""

from actors.agreement import agreement, overlap, same
from bus.messages import Box

CAR = Box("car", 0.9, 0.0, 0.0, 0.2, 0.2)
NEAR = Box("car", 0.7, 0.02, 0.0, 0.22, 0.2)
FAR = Box("car", 0.7, 0.5, 0.5, 0.7, 0.7)
PERSON = Box("person", 0.9, 0.0, 0.0, 0.2, 0.2)


def test_boxes_are_the_same_if_they_overlap_and_have_one_label() -> None:
    assert overlap(CAR, CAR) == 1
    assert 0.8 < overlap(CAR, NEAR) < 0.85
    assert overlap(CAR, FAR) == overlap(CAR, PERSON) == 0
    assert same([CAR, NEAR], [CAR]) == 1
    assert same([CAR, PERSON, FAR], [FAR, CAR]) == 2
    assert same([], [CAR]) == same([CAR], []) == 0


def test_agreement_is_the_share_of_all_boxes() -> None:
    assert agreement([CAR, FAR], [NEAR]) == 2 / 3
    assert agreement([CAR], [PERSON]) == 0
    assert agreement([CAR], []) == agreement([], [CAR]) == 0
    assert agreement([], []) == 1
