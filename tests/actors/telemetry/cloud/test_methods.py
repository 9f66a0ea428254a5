"""Every call is answered, whatever it holds, and says what was wrong with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from actors.telemetry.cloud import payloads
from actors.telemetry.cloud.answers import MOST_BYTES, NotDone, done, reply
from tests.actors.telemetry.cloud.caller import Caller

TAKEN: tuple[type[Struct], ...] = (
    payloads.Nothing,
    payloads.Snapshot,
    payloads.RestartStage,
    payloads.ActivateModel,
    payloads.RollbackModel,
    payloads.SetLogLevel,
)
KEYS = ["camera", "stream", "width", "stage", "model", "url", "sha256", "inference", "level"]


@pytest.mark.parametrize(
    ("method", "payload", "said"),
    [
        ("status", {"all": True}, "all: no such key; this method takes none"),
        ("status", [], "payload = a list: wants an object"),
        ("status", "{}", "payload = '{}': wants an object"),
        ("snapshot", {"eye": 1}, "eye: no such key; there are camera, stream, width"),
        ("snapshot", {"width": 3}, "width = 3: Expected `int` >= 16"),
        ("snapshot", {"width": "3"}, "width = '3': Expected `int | null`, got `str`"),
        ("snapshot", {"stream": "x"}, "stream = 'x': there are raw, result"),
        ("restartStage", None, "stage: is missing; the payload is an object with it"),
        ("restartStage", {"stage": None}, "stage = null: Expected `str`, got `null`"),
        ("restartStage", {"stage": "a\nb"}, "stage = 'a b': wants text of one line"),
        ("restartStage", {"stage": "\ud800"}, "stage = '': wants text of one line"),
        ("setLogLevel", {}, "level: is missing; the payload is an object with it"),
        (
            "setLogLevel",
            {"level": "loud"},
            "level = 'loud': there are debug, info, warning, error",
        ),
    ],
)
def test_a_bad_payload_is_told_by_key_value_and_rule(
    caller: Caller, method: str, payload: Any, said: str
) -> None:
    status, error = caller.error(method, payload)
    assert status == 400
    assert said in error


def test_an_unknown_method_is_answered_with_those_there_are(caller: Caller) -> None:
    status, error = caller.error("reboot")
    assert status == 404
    assert error == (
        "'reboot': no such method; there are status, snapshot, restartStage, activateModel, "
        "rollbackModel, takePicture, uploadImages, setLogLevel"
    )


def test_each_answer_goes_to_its_call(caller: Caller) -> None:
    for call_id in ("a", "b", "c"):
        caller.begin("status", {}, call_id)
    assert {caller.answer().id for _ in range(3)} == {"a", "b", "c"}


def test_too_many_are_refused_at_once_and_the_rest_answered_at_the_end(caller: Caller) -> None:
    for number in range(14):
        caller.begin("snapshot", {"camera": "front"}, str(number))  # each waits: there is none
    first = caller.answer()
    assert first.status == 429
    assert "too many methods wait" in first.payload["error"]
    caller.methods.close()
    rest = [caller.answer() for _ in range(13)]
    assert {first.id, *(each.id for each in rest)} == {str(number) for number in range(14)}
    assert {each.status for each in rest} == {429, 503}


def test_an_answer_that_no_hub_takes_becomes_one_that_says_so() -> None:
    _, status, said = reply("1", done("x" * MOST_BYTES))
    assert (status, list(said)) == (500, ["error"])
    assert reply("1", done("x")).payload == {"result": "x"}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=60)
    | st.sampled_from(["raw", "debug", "front", "https://u:pa55@h/?t=pa55", "builtin:street"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
objects = st.dictionaries(st.sampled_from(KEYS) | st.text(st.characters(), max_size=5), values)


def outcome(kind: type[Struct], payload: object) -> str:
    """Why it was refused, "" if it was read."""
    try:
        read = payloads.read(kind, payload)
    except NotDone as reason:
        status, said, _ = reason.answer
        return str(said["error"]) if status == 400 else "not a bad payload"
    return "" if isinstance(read, kind) else "another struct"


@given(st.sampled_from(TAKEN), objects | values)
def test_whatever_is_asked_is_read_or_refused_in_one_short_line(
    kind: type[Struct], payload: object
) -> None:
    error = outcome(kind, payload)
    assert error == "" or ": " in error
    assert error.isprintable()
    assert len(error) < 300
    assert "pa55" not in error
