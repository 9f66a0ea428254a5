"""Each message is held against the published schema, as a receiver would."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from actors.telemetry.aggregate import Counts, Tally
from actors.telemetry.budget import Notice
from actors.telemetry.changes import News
from actors.telemetry.letter import Letter
from actors.telemetry.messages import retinue1
from actors.telemetry.messages.percept import Size
from bus.messages import Box, FrameRef, Health, Model, Post, Result

ROOT = Path(__file__).parents[4]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "schema" / "retinue-1.json").read_text())
DOCUMENT = (ROOT / "docs" / "telemetry.md").read_text()
KINDS = ("result", "counts", "health", "model", "post", "budget")
NOW_UTC_NS = 1_800_000_000_123_456_789

RESULT = Result(
    camera="front",
    frame_seq=41,
    captured_ns=73_000_000_001,
    captured_utc_ns=1_800_000_000_000_000_001,
    ref=FrameRef("camera-front", 1, 2, 3),
    inference="street",
    model="street",
    version="3",
    family="ssd",
    device="NPU",
    spent_ms=8.25,
    boxes=[Box("person", 0.9123, 0.1, 0.2, 0.3, 0.4)],
)
COUNTS = Counts(
    camera="front",
    inference="street",
    family="ssd",
    model="street",
    version="3",
    device="NPU",
    results=300,
    degraded=0,
    from_utc_ns=1_800_000_000_000_000_001,
    to_utc_ns=1_800_000_009_966_666_668,
    labels={"car": Tally(0, 3, 1.253, 2), "person": Tally(1, 1, 1.0, 1)},
)
HEALTH = Health(actor="camera-front", stage="camera", pid=7, state="running", fps=30.0)
MODEL = Model(inference="street", phase="active", model="street", version="4", digest="ab" * 32)
POST = Post(inference="street", post="b", phase="ready", agreement=0.98, latency_ms=8.1)
NOTICE = Notice("warning", "2027-01-15", 6400, 8000, 0)


def failing(detail: str = "gone") -> Health:
    return Health(actor="camera-front", stage="camera", pid=7, state="degraded", detail=detail)


def strict() -> Draft202012Validator:
    """The schema as the sender must keep it: with no field and no kind beside it."""
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["kind"] = {"enum": list(KINDS)}
    schema["unevaluatedProperties"] = False
    schema["$defs"]["box"]["additionalProperties"] = False
    schema["$defs"]["tally"]["additionalProperties"] = False
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


STRICT = strict()


def body(letter: Letter) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(letter.body)
    STRICT.validate(sent)
    return sent


def letters() -> list[Letter]:
    return [
        retinue1.result(RESULT, Size(1280, 720), NOW_UTC_NS),
        retinue1.counts(COUNTS, NOW_UTC_NS),
        retinue1.health(HEALTH, None, NOW_UTC_NS),
        retinue1.model(MODEL, NOW_UTC_NS),
        retinue1.post(POST, NOW_UTC_NS),
        retinue1.budget(NOTICE, NOW_UTC_NS),
    ]


OF_KIND = list(zip(letters(), KINDS, strict=True))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("letter", "kind"), OF_KIND, ids=KINDS)
def test_each_kind_is_as_published(letter: Letter, kind: str) -> None:
    sent = body(letter)
    assert (sent["schema"], sent["kind"], sent["at_utc_ns"]) == ("retinue/1", kind, NOW_UTC_NS)
    assert (letter.schema, letter.created_utc_ns) == ("retinue/1", NOW_UTC_NS)
    assert sent.keys() == {"schema", "kind", "at_utc_ns", *SCHEMA["$defs"][kind]["properties"]}


@pytest.mark.parametrize(("letter", "kind"), OF_KIND, ids=KINDS)
def test_the_schema_refuses_what_lacks_a_field(letter: Letter, kind: str) -> None:
    sent = body(letter)
    for name in ("at_utc_ns", *SCHEMA["$defs"][kind]["required"]):
        with pytest.raises(ValidationError):
            STRICT.validate({key: value for key, value in sent.items() if key != name})


@pytest.mark.parametrize("letter", letters(), ids=KINDS)
def test_the_schema_refuses_another_type(letter: Letter) -> None:
    sent = body(letter)
    for name in sent:
        with pytest.raises(ValidationError):
            STRICT.validate({**sent, name: {"of": "another type"}})


def test_receivers_take_fields_and_kinds_that_come_later() -> None:
    later = Draft202012Validator(SCHEMA)
    later.validate({**body(letters()[0]), "zones": []})
    later.validate({"schema": "retinue/1", "kind": "zone", "at_utc_ns": NOW_UTC_NS})


def test_a_result_written_out() -> None:
    assert letters()[0].body == (
        b'{"schema":"retinue/1","kind":"result","at_utc_ns":1800000000123456789,'
        b'"camera":"front","inference":"street","captured_utc_ns":1800000000000000001,'
        b'"captured_ns":73000000001,"model":"street","version":"3","family":"ssd",'
        b'"device":"NPU","status":"ok","spent_ms":8.25,"frame":41,"width":1280,"height":720,'
        b'"boxes":[{"label":"person","score":0.9123,"x0":0.1,"y0":0.2,"x1":0.3,"y1":0.4}]}'
    )


def test_a_frame_of_unknown_size_has_none() -> None:
    sent = body(retinue1.result(RESULT, None, NOW_UTC_NS))
    assert sent.keys().isdisjoint({"width", "height"})


@given(
    st.lists(st.builds(Box, st.text(), st.floats(), *[st.floats()] * 4)),
    st.sampled_from(["ok", "degraded", "stale"]),
)
def test_whatever_is_seen_is_within_the_schema(boxes: list[Box], status: Any) -> None:
    seen = Result(
        **{name: getattr(RESULT, name) for name in RESULT.__struct_fields__}
        | {"boxes": boxes, "status": status}
    )
    sent = body(retinue1.result(seen, None, NOW_UTC_NS))
    assert [box["label"] for box in sent["boxes"]] == [box.label for box in boxes]


@given(st.text(), st.text())
def test_whatever_is_said_is_within_the_schema(detail: str, reason: str) -> None:
    assert body(retinue1.health(failing(detail), None, NOW_UTC_NS))["detail"] == detail
    refused = Model(inference="street", phase="refused", reason=reason)
    assert body(retinue1.model(refused, NOW_UTC_NS))["reason"] == reason


def test_topics() -> None:
    assert [letter.topic for letter in letters()] == [
        "results/front/street",
        "counts/front/street",
        "health/camera-front",
        "models/street",
        "posts/street/b",
        "budget",
    ]


@pytest.mark.parametrize(
    ("letter", "priority"),
    [
        (retinue1.result(RESULT, None, 0), 0),
        (retinue1.counts(COUNTS, 0), 1),
        (retinue1.health(HEALTH, None, 0), 1),
        (retinue1.health(failing(), HEALTH, 0), 2),
        (retinue1.health(HEALTH, failing(), 0), 2),
        (retinue1.silent(HEALTH, 0), 2),
        (retinue1.model(MODEL, 0), 1),
        (retinue1.model(Model(inference="street", phase="refused", reason="no"), 0), 2),
        (retinue1.model(Model(inference="street", phase="active", reverted="ab"), 0), 2),
        (retinue1.post(POST, 0), 1),
        (retinue1.post(Post(inference="street", post="b", phase="failed"), 0), 2),
        (retinue1.budget(NOTICE, 0), 2),
    ],
)
def test_what_somebody_must_know_is_an_event(letter: Letter, priority: int) -> None:
    assert letter.priority == priority


def test_one_that_is_silent_says_so_with_what_it_said_last() -> None:
    sent = body(retinue1.silent(failing("no picture for 5 s"), NOW_UTC_NS))
    assert (sent["state"], sent["detail"]) == ("silent", "no picture for 5 s")


def test_news_goes_out_as_what_it_is() -> None:
    assert retinue1.news(News(failing(), HEALTH), 0) == retinue1.health(failing(), HEALTH, 0)
    assert retinue1.news(News(MODEL, None), 0) == retinue1.model(MODEL, 0)
    assert retinue1.news(News(POST, None), 0) == retinue1.post(POST, 0)


def test_the_examples_of_the_document_are_as_published() -> None:
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)]
    ours = [example for example in examples if "kind" in example]
    for example in ours:
        STRICT.validate(example)
    assert {example["kind"] for example in ours} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_in_the_document(kind: str) -> None:
    section = DOCUMENT.partition(f"### `{kind}`")[2].partition("\n### ")[0]
    names = SCHEMA["$defs"][kind]["properties"]
    assert [name for name in names if f'"{name}"' not in section] == []
