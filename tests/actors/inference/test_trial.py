"""How a newcomer is compared with the model that runs."""

import pytest

from actors.inference.trial import Trial
from bus.messages import Box, FrameRef, Result

SECOND_NS = 1_000_000_000
CAR = Box("car", 0.9, 0.0, 0.0, 0.2, 0.2)
NEAR = Box("car", 0.7, 0.02, 0.0, 0.22, 0.2)
FAR = Box("car", 0.7, 0.5, 0.5, 0.7, 0.7)
PERSON = Box("person", 0.9, 0.0, 0.0, 0.2, 0.2)


def result(number: int, *boxes: Box, camera: str = "front", spent_ms: float = 2.0) -> Result:
    return Result(
        camera=camera,
        frame_seq=number,
        captured_ns=number,
        captured_utc_ns=number,
        ref=FrameRef("p", 1, 0, number),
        inference="eye",
        model="m",
        version="1",
        family="ssd",
        device="CPU",
        spent_ms=spent_ms,
        boxes=list(boxes),
    )


def trial() -> Trial:
    return Trial(began_ns=0, results=3, longest_ns=SECOND_NS)


def test_agreement_is_the_share_of_all_boxes_that_both_saw() -> None:
    ours = trial()
    ours.ours(result(1, CAR, FAR))
    ours.theirs(result(1, NEAR))
    ours.theirs(result(2, PERSON))
    ours.ours(result(2, PERSON))
    assert ours.agreement == pytest.approx(2 * 2 / 5)


@pytest.mark.parametrize("order", ["ours first", "theirs first"])
def test_only_frames_that_both_looked_at_count(order: str) -> None:
    compared = trial()
    assert compared.agreement is None
    first, second = (
        (compared.ours, compared.theirs)
        if order == "ours first"
        else (compared.theirs, compared.ours)
    )
    first(result(1, CAR))
    second(result(1, CAR, camera="back"))
    second(result(2, CAR))
    assert compared.agreement is None
    second(result(1))
    assert compared.agreement == 0


def test_who_both_see_nothing_agree() -> None:
    compared = trial()
    compared.ours(result(1))
    compared.theirs(result(1))
    assert compared.agreement == 1


def test_a_trial_ends_with_enough_results_or_enough_time() -> None:
    counted, timed = trial(), trial()
    for number in range(3):
        assert not counted.over(1)
        counted.ours(result(number, spent_ms=number))
    assert counted.over(1)
    assert counted.latency_ms == 1
    assert not timed.over(SECOND_NS - 1)
    assert timed.over(SECOND_NS)
    assert timed.latency_ms is None


def test_what_never_finds_its_partner_does_not_pile_up() -> None:
    compared = trial()
    for number in range(1000):
        compared.ours(result(number, CAR))
        compared.theirs(result(number + 5000, CAR))
    assert len(compared._ours) <= 64
    assert len(compared._theirs) <= 64
