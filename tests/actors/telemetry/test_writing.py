"""What goes out of what is said: by schema, pace and budget."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from actors.telemetry.budget import Allowance, Budget
from actors.telemetry.letter import Letter
from actors.telemetry.throttle import Pace
from actors.telemetry.writing import Writer
from bus.messages import DUE_MS, Health, Model, Post, Result
from tests.actors.telemetry.messages.test_retinue1 import HEALTH, MODEL, POST, RESULT

SECOND_NS = 1_000_000_000
BOTH = ("percept", "retinue/1")
SEEN = replace(RESULT, width=1280, height=720)


def at(second: float, result: Result = SEEN) -> Result:
    return replace(result, published_ns=int(second * SECOND_NS))


def writer(*schemas: str, most: int = 0, **pace: Any) -> Writer:
    budget = Budget(Allowance(most, kept_for_events=1)) if most else None
    return Writer(schemas or BOTH, Pace(**pace), budget)


def told(letters: list[Letter]) -> list[tuple[str, str]]:
    return [(letter.schema, json.loads(letter.body).get("kind", "")) for letter in letters]


def test_a_result_goes_out_in_each_schema_at_most_once_an_interval() -> None:
    out = writer()
    assert told(out.result(at(1), 5)) == [("percept", ""), ("retinue/1", "result")]
    assert out.result(at(1.5), 6) == []
    assert len(out.result(at(2.1), 7)) == 2
    assert told(writer("percept").result(at(1), 5)) == [("percept", "")]
    assert told(writer("retinue/1").result(at(1), 5)) == [("retinue/1", "result")]


def test_a_frame_of_unknown_size_has_no_message_of_percept() -> None:
    assert told(writer().result(at(1, RESULT), 5)) == [("retinue/1", "result")]


def test_a_family_that_percept_did_not_know_is_told_of() -> None:
    out = writer("percept")
    assert out.trouble == ""
    assert out.result(at(1, replace(SEEN, family="masks")), 5) == []
    assert "no message for results of masks" in out.trouble


def test_another_interval_counts_from_the_last_that_was_sent() -> None:
    out = writer("retinue/1")
    assert len(out.result(at(1), 5)) == 1
    assert out.keep_to(5000.0, 6) == []
    assert out.result(at(3), 7) == []
    assert len(out.result(at(6.1), 8)) == 1
    assert out.keep_to(None, 9) == []
    assert len(out.result(at(7.2), 10)) == 1


def test_what_was_counted_until_the_interval_changed_goes_on_in_its_window() -> None:
    out = writer("retinue/1", mode="aggregate")
    assert out.result(at(1), 5) == []
    assert out.keep_to(10_000.0, 6) == []
    assert out.look(3 * SECOND_NS, 7) == []
    assert told(out.look(12 * SECOND_NS, 8)) == [("retinue/1", "counts")]


def test_what_was_counted_goes_out_with_time_and_at_the_end() -> None:
    out = writer("retinue/1", mode="aggregate")
    assert out.result(at(1), 5) == []
    assert out.look(int(1.5 * SECOND_NS), 6) == []
    assert told(out.look(3 * SECOND_NS, 7)) == [("retinue/1", "counts")]
    assert out.result(at(4), 8) == []
    assert told(out.rest(9)) == [("retinue/1", "counts")]


@pytest.mark.parametrize("said", [HEALTH, MODEL, POST])
def test_a_state_goes_out_once(said: Health | Model | Post) -> None:
    out = writer()
    assert len(out.state(said, 1, 5)) == 1
    assert out.state(said, 2, 6) == []
    assert writer("percept").state(said, 1, 5) == []  # it has no word for it


def test_who_falls_silent_is_told_of_once_and_when_it_is_back() -> None:
    out = writer()
    out.state(replace(HEALTH, published_ns=SECOND_NS), SECOND_NS, 5)
    assert out.look(SECOND_NS + DUE_MS * 1_000_000, 6) == []
    (letter,) = out.look(SECOND_NS + DUE_MS * 1_000_000 + 1, 7)
    assert json.loads(letter.body)["state"] == "silent"
    assert out.look(60 * SECOND_NS, 8) == []
    back = replace(HEALTH, published_ns=61 * SECOND_NS)
    assert len(out.state(back, 61 * SECOND_NS, 9)) == 1


def test_who_was_told_to_end_may_be_silent() -> None:
    out = writer()
    out.state(replace(HEALTH, state="stopping", published_ns=SECOND_NS), SECOND_NS, 5)
    assert out.look(60 * SECOND_NS, 6) == []


def test_a_days_budget_is_kept_and_said() -> None:
    out = writer("retinue/1", most=4)
    sent = [letter for second in range(1, 20, 2) for letter in out.result(at(second), 5)]
    kinds = [kind for _, kind in told(sent)]
    assert kinds.count("result") == 3
    assert "budget" in kinds
    assert len(out.state(replace(HEALTH, state="degraded"), 1, 6)) == 1  # an event goes on
