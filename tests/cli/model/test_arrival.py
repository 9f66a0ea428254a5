"""Every way in which what is wanted comes to publish, or does not."""

from msgspec.structs import replace

from actors.store.slot import EMPTY, Slot
from bus.messages import Phase, Post
from cli.model.arrival import Arrival, Ended

OLD, NEW = "a" * 64, "b" * 64
WANTED = Slot(generation=5, active=NEW, previous=OLD, configured="m", good=False)


def post(phase: Phase, generation: int = 5, digest: str = NEW, detail: str = "") -> Post:
    return Post(
        inference="eye",
        post="b",
        phase=phase,
        generation=generation,
        model="m",
        version="1",
        digest=digest,
        detail=detail,
    )


def test_it_has_come_when_it_serves() -> None:
    arrival = Arrival(WANTED)
    for phase in ("loading", "loading", "trial", "ready"):
        arrival.hear(post(phase))
        assert arrival.ended is None
    arrival.look(WANTED)
    serving = post("serving")
    arrival.hear(serving)
    assert arrival.ended == Ended(serving)
    assert arrival.steps == ["loading in post b", "trial in post b", "ready in post b"]


def test_words_about_earlier_changes_do_not_count() -> None:
    arrival = Arrival(WANTED)
    for old in (post("serving", 4), post("failed", 4), post("loading", 4)):
        arrival.hear(old)
    assert (arrival.ended, arrival.steps) == (None, [])


def test_a_newcomer_that_fails_says_why() -> None:
    arrival = Arrival(WANTED)
    arrival.hear(post("failed", detail="no device takes it"))
    assert arrival.ended
    assert arrival.ended.reason.endswith("what ran before goes on: no device takes it")


def test_one_whose_process_could_not_say_so_is_told_by_the_slot() -> None:
    arrival = Arrival(WANTED)
    arrival.hear(post("serving", 6, OLD))
    assert arrival.ended is None
    back = replace(EMPTY, generation=6, active=OLD, reverted=NEW, reason="it crashes")
    arrival.look(back)
    assert arrival.ended
    assert arrival.ended.reason.endswith("it crashes")


def test_a_holder_that_fell_back_does_not_serve_it() -> None:
    arrival = Arrival(WANTED)
    arrival.hear(post("serving", digest=OLD))
    arrival.look(WANTED)
    assert arrival.ended
    assert arrival.ended.reason == "m@1 serves instead; `retinue ps` says why"


def test_another_change_ends_the_waiting() -> None:
    arrival = Arrival(WANTED)
    arrival.look(replace(WANTED, generation=6, active="c" * 64))
    assert arrival.ended == Ended(None, "something else was activated meanwhile")


def test_to_be_asked_again_for_the_same_changes_nothing() -> None:
    arrival = Arrival(WANTED)
    arrival.look(replace(WANTED, generation=6))
    arrival.hear(post("failed", 5))
    assert arrival.ended is None
    arrival.hear(post("serving", 6))
    assert arrival.ended == Ended(post("serving", 6))


def test_what_the_configuration_names_may_be_a_stored_version() -> None:
    arrival = Arrival(replace(EMPTY, generation=5))
    arrival.hear(post("serving", digest=OLD))
    assert arrival.ended == Ended(post("serving", digest=OLD))
