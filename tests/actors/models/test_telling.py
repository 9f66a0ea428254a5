"""What is said of a slot."""

from pathlib import Path

from actors.models.errands import Setback
from actors.models.progress import Progress
from actors.models.shelf import Lying
from actors.models.telling import health_of, model_of, unfulfilled
from actors.store.outcomes import Outcome
from actors.store.record import Record, Version
from actors.store.slot import Slot
from actors.store.wish import Wish
from actors.store.wishes import Done
from bus.messages import Model

A, B, C = "a" * 64, "b" * 64, "c" * 64
ACTIVE = Version(A, Path("a"), Record(A, "people", "2", "ssd"))
SETBACK = Setback(3, 1, 77, "no network")


def told(there: Lying, going_on: Progress | None = None, setback: Setback | None = None) -> Model:
    return model_of("front", there, going_on, "https://new", setback)


def test_of_nothing_it_is_idle() -> None:
    assert told(Lying()) == Model(inference="front", phase="idle")


def test_the_version_that_counts_and_all_about_it() -> None:
    slot = Slot(
        generation=4,
        active=A,
        previous=B,
        configured="",
        probation_until_ns=9,
        good=False,
        reverted=C,
        reason="hung",
    )
    assert told(Lying(slot=slot, active=ACTIVE)) == Model(
        inference="front",
        phase="active",
        generation=4,
        model="people",
        version="2",
        digest=A,
        previous=B,
        on_probation=True,
        probation_until_ns=9,
        reverted=C,
        reverted_reason="hung",
    )


def test_the_end_of_the_probation_is_told_of_no_more_once_it_was_survived() -> None:
    slot = Slot(generation=4, active=A, previous="", configured="", probation_until_ns=9)
    message = told(Lying(slot=slot))
    assert (message.on_probation, message.probation_until_ns) == (False, 0)


def test_what_goes_on_counts_before_what_ended() -> None:
    refused = Lying(Wish(step=3), Done(2, "https://old", "was wrong", "", 5))
    at = Progress("fetching", "downloading", 3, 9, 1.5, "broke off")
    message = told(refused, at, SETBACK)
    assert (message.phase, message.source, message.doing) == (
        "fetching",
        "https://new",
        "downloading",
    )
    assert (message.done_bytes, message.total_bytes, message.rate_bytes_s) == (3, 9, 1.5)
    assert (message.reason, message.ended_utc_ns) == ("broke off", 5)


def test_who_waits_says_for_how_long_and_why() -> None:
    message = told(Lying(Wish(step=3)), None, SETBACK)
    assert (message.phase, message.source) == ("waiting", "https://new")
    assert (message.reason, message.next_ns) == ("no network", 77)


def test_of_a_command_and_a_wish_the_later_end_counts() -> None:
    done = Done(3, "https://wish", "too large", "", 5)
    for utc_ns, phase, source in ((4, "refused", "https://wish"), (6, "idle", "file:x")):
        message = told(Lying(Wish(step=3), done, Outcome(utc_ns, "file:x")))
        assert (message.phase, message.source) == (phase, source)
    message = told(Lying(None, None, Outcome(6, "file:x", "is no model")))
    assert (message.phase, message.reason) == ("refused", "is no model")


def test_a_wish_is_unfulfilled_while_it_waits_and_once_it_was_refused() -> None:
    refused = Lying(Wish(step=3), Done(3, reason="too large"))
    assert unfulfilled(refused, None) == "too large"
    assert unfulfilled(Lying(Wish(step=4), Done(3, reason="too large")), None) == ""
    assert unfulfilled(Lying(Wish(step=3)), SETBACK) == "no network"
    assert unfulfilled(Lying(Wish(step=3), Done(3)), None) == ""
    assert unfulfilled(Lying(trouble="wishes/front.json is damaged"), None)
    assert unfulfilled(Lying(None, None, Outcome(6, "file:x", "is no model")), None) == ""


def test_health_names_each_slot_whose_wish_is_not_fulfilled() -> None:
    assert health_of({"front": "", "back": ""}) == ("running", "")
    assert health_of({"front": "no network", "back": ""}) == ("degraded", "front: no network")
    state, detail = health_of({"front": "x" * 300, "back": "y" * 300})
    assert state == "degraded"
    assert len(detail) == 400
