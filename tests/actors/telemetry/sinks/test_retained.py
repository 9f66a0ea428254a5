"""A broker keeps what is newest of health, models and posts, in whichever order it is sent."""

from hypothesis import given
from hypothesis import strategies as st

from actors.telemetry.letter import Letter, Posted
from actors.telemetry.sinks.retained import Retained


def posted(topic: str, number: int) -> Posted:
    return Posted(number, number, Letter(topic, 1, b"{}", "retinue/1"), late=False)


@given(st.lists(st.integers(1, 50), min_size=1))
def test_the_newest_stays(numbers: list[int]) -> None:
    retained = Retained()
    kept = [number for number in numbers if retained.keeps(posted("health/rtsp", number))]
    assert kept[-1] == max(numbers)
    assert kept == sorted(kept)


def test_topics_do_not_disturb_each_other() -> None:
    retained = Retained()
    assert retained.keeps(posted("health/rtsp", 9))
    assert retained.keeps(posted("models/street", 1))
    assert not retained.keeps(posted("health/rtsp", 8))


def test_a_letter_that_is_sent_again_is_kept_again() -> None:
    retained = Retained()
    assert [retained.keeps(posted("posts/street/a", 3)) for _ in range(2)] == [True, True]


def test_what_happens_is_not_kept() -> None:
    topics = ("results/front/street", "counts/front/street", "budget")
    assert not any(Retained().keeps(posted(topic, 1)) for topic in topics)
