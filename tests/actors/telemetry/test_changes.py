"""What is sent of what actors repeat."""

import pytest

from actors.telemetry.changes import QUIET_NS, WATCHED, Changes, News, Said
from bus.messages import Health, Model, ModelPhase, Post, State

SECOND_NS = 1_000_000_000


def health(state: State = "running", detail: str = "", uptime_s: float = 0) -> Health:
    return Health(
        actor="camera-front", stage="camera", pid=7, state=state, detail=detail, uptime_s=uptime_s
    )


def model(phase: ModelPhase, done_bytes: int = 0, reason: str = "") -> Model:
    return Model(inference="street", phase=phase, done_bytes=done_bytes, reason=reason)


def test_the_first_is_news() -> None:
    assert Changes().offer(health(), 0) == News(health(), None)


def test_beats_are_none() -> None:
    changes = Changes()
    changes.offer(health(), 0)
    assert changes.offer(health(uptime_s=3600), 3600 * SECOND_NS) is None


def test_another_state_is_with_the_one_before() -> None:
    changes = Changes()
    changes.offer(health(), 0)
    news = changes.offer(health("degraded", "gone"), QUIET_NS)
    assert news == News(health("degraded", "gone"), health())


def test_what_comes_and_goes_each_second_is_sent_every_ten() -> None:
    changes, sent = Changes(), []
    for second in range(60):
        now = health("degraded" if second % 2 else "running")
        if changes.offer(now, second * SECOND_NS):
            sent.append(second)
    assert sent == [0, 11, 22, 33, 44, 55]


def test_what_it_settles_on_is_sent() -> None:
    changes = Changes()
    changes.offer(health(), 0)
    assert changes.offer(health("degraded"), SECOND_NS) is None
    assert changes.offer(health("degraded"), QUIET_NS) == News(health("degraded"), health())


def test_actors_are_apart() -> None:
    changes = Changes()
    changes.offer(health(), 0)
    assert changes.offer(Health(actor="rtsp", stage="rtsp", pid=8, state="running"), 0)


def test_progress_is_no_news_and_each_step_is_at_once() -> None:
    changes = Changes()
    said = [
        model("fetching"),
        model("fetching", 100),
        model("admitting", 100),
        model("refused", 100, "too slow"),
        model("refused", 100, "too slow"),
        model("fetching"),
    ]
    assert [bool(changes.offer(one, 0)) for one in said] == [True, False, True, True, False, True]


def test_the_two_posts_of_an_entry_are_apart() -> None:
    changes = Changes()
    for post in ("a", "b"):
        assert changes.offer(Post(inference="street", post=post, phase="standby"), 0)
    assert changes.offer(Post(inference="street", post="a", phase="serving"), 0)


def test_silence_is_news_once_and_so_is_its_end() -> None:
    changes = Changes()
    changes.offer(health(), 0)
    assert changes.silent(health(), 4 * SECOND_NS)
    assert not changes.silent(health(), 5 * SECOND_NS)
    news = changes.offer(health(), 14 * SECOND_NS)  # ten after it fell silent
    assert news
    assert isinstance(news.before, Health)
    assert news.before.state == "degraded"
    assert changes.silent(health(), 16 * SECOND_NS)


@pytest.mark.parametrize("kind", WATCHED)
def test_what_is_watched_is_a_field(kind: type[Said]) -> None:
    assert set(WATCHED[kind]) <= set(kind.__struct_fields__)
