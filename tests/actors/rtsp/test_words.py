"""What a viewer is told."""

from actors.rtsp.words import Words
from bus.messages import Health, State

SECOND_NS = 1_000_000_000
ACTORS = ("camera-front", "overlay")


def health(actor: str, state: State, detail: str = "") -> Health:
    return Health(actor=actor, stage=actor, pid=1, state=state, detail=detail, due_ms=2500)


def test_an_actor_never_heard_of_is_not_running() -> None:
    assert Words().about(("camera-front",), 0) == "camera-front is not running"


def test_a_silent_actor_does_not_answer() -> None:
    words = Words()
    words.hear(health("camera-front", "running"), 0)
    assert words.about(("camera-front",), SECOND_NS) == "camera-front sends no picture"
    assert words.about(("camera-front",), 3 * SECOND_NS) == "camera-front does not answer"


def test_a_troubled_actor_says_itself_what_is_wrong() -> None:
    words = Words()
    words.hear(health("camera-front", "degraded", "no such file"), 0)
    words.hear(health("overlay", "starting"), 0)
    assert words.about(ACTORS, 0) == "camera-front is degraded: no such file\noverlay is starting"
    words.hear(health("camera-front", "running"), 0)
    assert words.about(ACTORS, 0) == "overlay is starting"
    words.hear(health("overlay", "running"), 0)
    assert words.about(ACTORS, 0) == "overlay sends no picture"
