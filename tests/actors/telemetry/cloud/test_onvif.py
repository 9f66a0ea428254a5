"""Messages of an ONVIF module."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.telemetry.cloud.onvif import Control, control
from actors.telemetry.cloud.properties import Refused


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ({"-fps": "15"}, Control({"stream_fps": 15})),
        ({"-s": "1080p"}, Control({"stream_resolution": "1080p"})),
        (
            {"-s": "native", "-fps": "007"},
            Control({"stream_fps": 7, "stream_resolution": "native"}),
        ),
        ({"snapshot": "raw"}, Control({}, "raw")),
        ({"snapshot": "result", "other": 1}, Control({}, "result")),
        ({}, Control({})),
        ([1], Control({})),
        ("text", Control({})),
    ],
)
def test_what_is_meant(message: object, meant: Control) -> None:
    assert control(json.dumps(message).encode()) == meant


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ({"-fps": 15}, "-fps wants a whole number as text, not 15; nothing was changed"),
        ({"-fps": "abc"}, "-fps wants a whole number as text, not 'abc'"),
        ({"-fps": "٣"}, "-fps wants a whole number as text"),
        ({"-fps": "0"}, "-fps wants a whole number from 1 to 240, not 0"),
        ({"-fps": "99999999999999999999"}, "-fps wants a whole number as text"),
        ({"-fps": None}, "not null"),
        ({"-s": "4k", "-fps": "15"}, "-s wants native, 1080p or 720p, not '4k'"),
        ({"snapshot": ""}, "snapshot wants raw or result, not ''"),
    ],
)
def test_a_bad_one_changes_nothing_and_says_why(message: object, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        control(json.dumps(message).encode())
    assert str(refused.value).startswith("onvif-control-msg-input: ")
    assert rule in str(refused.value)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"-s": "\xff"}', b"[" * 100_000, b'{"a":' * 9999]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="wants a JSON object"):
        control(body)


junk = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.lists(st.text(), max_size=2)
)


@settings(deadline=None)
@given(
    st.binary(max_size=30)
    | st.dictionaries(st.sampled_from(["-fps", "-s", "snapshot", "x"]), junk).map(
        lambda said: json.dumps(said).encode()
    )
)
def test_never_a_crash(body: bytes) -> None:
    try:
        meant: Any = control(body)
    except Refused as refused:
        assert "\n" not in str(refused)  # noqa: PT017 either is fine
    else:
        assert meant.changes.keys() <= {"stream_fps", "stream_resolution"}
