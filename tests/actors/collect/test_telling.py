"""What health says of kept pictures."""

from actors.collect.telling import AGAIN_NS, Counts, Telling


def test_counts_are_said_with_the_first_picture_and_then_now_and_then() -> None:
    telling = Telling()
    said = [
        telling.health(Counts(kept), on=True, troubles=[], now_ns=at_ns)
        for kept, at_ns in ((0, 1), (1, 2), (2, 3), (3, AGAIN_NS + 1), (4, AGAIN_NS + 2))
    ]
    assert [detail for _, detail in said] == ["0 kept", "1 kept", "1 kept", "1 kept", "4 kept"]
    assert {state for state, _ in said} == {"running"}


def test_what_is_wrong_is_said_at_once() -> None:
    telling = Telling()
    troubles = ["images: 3 MB are free", "", "upload: refused"]
    said = telling.health(Counts(2, 1, 5, 0), on=True, troubles=troubles, now_ns=1)
    counts = "2 kept, 1 left out as alike, 5 removed for room or age, 0 uploaded"
    assert said == ("degraded", f"images: 3 MB are free; upload: refused; {counts}")


def test_off_is_said() -> None:
    said = Telling().health(Counts(), on=False, troubles=[], now_ns=1)
    assert said == ("running", "collecting is off")
