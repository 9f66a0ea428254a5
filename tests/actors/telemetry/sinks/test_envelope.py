"""A letter on one line, whatever is in it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from actors.telemetry.letter import Letter, Posted
from actors.telemetry.sinks.envelope import envelope


@given(
    st.recursive(
        st.none() | st.text() | st.integers(-(2**53), 2**53),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from([None, 1, "\r\n"]),
)
def test_any_body_is_whole_on_one_line(body: object, indent: int | str | None) -> None:
    letter = Letter(
        "health/front", 1, json.dumps(body, indent=indent).encode(), "retinue/1", created_utc_ns=7
    )
    line = envelope(Posted(3, 2, letter, late=True))
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line) == {
        "topic": "health/front",
        "number": 2,
        "late": True,
        "schema": "retinue/1",
        "created_utc_ns": 7,
        "body": body,
    }
