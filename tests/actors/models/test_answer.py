"""What answers mean, by the rules of RFC 9110."""

import pytest
from httpx import Headers
from hypothesis import given
from hypothesis import strategies as st

from actors.models.answer import Asked, Body, Setback, read, validator
from actors.models.remote import FetchError
from actors.web.status import retry_after_s

REST = Asked(10, '"v1"', 20)


def test_a_request_for_the_rest_names_the_version() -> None:
    assert REST.headers == {"range": "bytes=10-", "if-range": '"v1"'}
    assert Asked().headers == {}


def test_a_whole_file() -> None:
    headers = Headers({"content-length": "7", "etag": '"v1"'})
    assert read(200, headers, REST) == Body(0, 7, 7, '"v1"', '"v1"')
    assert read(200, Headers({"transfer-encoding": "chunked"}), REST) == Body(0, None, None, "", "")
    assert not read(200, Headers({}), REST).framed


def test_the_rest() -> None:
    headers = Headers({"content-range": "bytes 10-19/20", "content-length": "10"})
    assert read(206, headers, REST) == Body(10, 20, 20, '"v1"', '"v1"')


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-range": "bytes 10-19/*"},
        {"content-range": "bytes */20"},
        {"content-range": "items 10-19/20"},
        {"content-range": "bytes 9-19/20"},
        {"content-range": "bytes 11-19/20"},
        {"content-range": "bytes 10-9/20"},
        {"content-range": "bytes 10-20/20"},
        {"content-range": "bytes 10-19/21"},
        {"content-range": "bytes 10-19/20", "content-length": "9"},
        {"content-range": "bytes 10-19/20", "etag": '"v2"'},
        {"content-range": "bytes 10-19/20", "etag": 'W/"v1"'},
        {"content-range": "bytes 10-" + "9" * 30 + "/" + "9" * 31},
    ],
)
def test_what_is_not_the_rest_makes_the_part_useless(headers: dict[str, str]) -> None:
    with pytest.raises(Setback) as caught:
        read(206, Headers(headers), REST)
    assert not caught.value.keep


def test_a_rest_that_comes_encoded_is_no_rest_and_asking_again_would_not_help() -> None:
    headers = Headers({"content-range": "bytes 10-19/20", "content-encoding": "gzip"})
    with pytest.raises(FetchError, match=r"it comes encoded \('gzip'\)"):
        read(206, headers, REST)


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_whatever_a_server_writes_there_is_an_outcome(span: str, length: str, tag: str) -> None:
    said = {b"content-range": span, b"content-length": length, b"etag": tag}
    headers = Headers([(name, value.encode("utf-8", "replace")) for name, value in said.items()])
    for status in (200, 206, 416, 503, 404):
        try:
            body = read(status, headers, REST)
        except (Setback, FetchError):
            continue
        assert body.start in {0, 10}


@pytest.mark.parametrize(
    ("asked", "date", "seconds"),
    [
        ("7", "", 7),
        (" 7 ", "", 7),
        ("0", "", 0),
        ("-7", "", 0),
        ("7.5", "", 0),
        ("9" * 40, "", 0),
        ("soon", "", 0),
        ("Wed, 05 Nov 2025 10:01:00 GMT", "Wed, 05 Nov 2025 10:00:00 GMT", 60),
        ("Wed, 05 Nov 2025 10:00:00 GMT", "Wed, 05 Nov 2025 10:01:00 GMT", 0),
        ("Wed, 05 Nov 2025 10:01:00 GMT", "", 0),
        ("Wed, 05 Nov 2025 10:01:00 GMT", "never", 0),
        ("Wed, 99 Nov 2025 10:01:00 GMT", "Wed, 05 Nov 2025 10:00:00 GMT", 0),
    ],
)
def test_the_wait_a_server_asks_for(asked: str, date: str, seconds: float) -> None:
    assert retry_after_s(Headers({"retry-after": asked, "date": date})) == seconds
    with pytest.raises(Setback) as caught:
        read(503, Headers({"retry-after": asked, "date": date}), REST)
    assert caught.value.after_s == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_date_is_too_odd(one: str, other: str) -> None:
    dates = {b"last-modified": one, b"date": other}
    headers = Headers([(name, date.encode("utf-8", "replace")) for name, date in dates.items()])
    assert validator(headers) in {"", headers["last-modified"]}
    assert retry_after_s(headers) == 0
