"""What each answer means: arrived, later, never this one, never until somebody does something."""

import pytest
from httpx import Headers

from actors.collect.upload.answer import confirm
from actors.collect.upload.failed import Failed, Kind

NONE = Headers()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_these_confirm(status: int) -> None:
    confirm(status, NONE)


def test_nothing_else_does() -> None:
    for status in (*range(100, 200), *range(300, 600)):
        with pytest.raises(Failed):
            confirm(status, NONE)


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (500, "passing", "answers 500 Internal Server Error"),
        (503, "passing", "answers 503 Service Unavailable"),
        (408, "passing", "answers 408 Request Timeout"),
        (429, "passing", "answers 429 Too Many Requests"),
        (401, "lasting", "answers 401 Unauthorized; is what it is to know us by still valid?"),
        (403, "lasting", "may this device write there, and is its clock right?"),
        (404, "lasting", "is the address right, and is there such a place?"),
        (307, "lasting", "redirects are not followed, so write the address that it leads to"),
        (400, "picture", "answers 400 Bad Request"),
        (413, "picture", "answers 413"),
        (415, "picture", "answers 415 Unsupported Media Type"),
    ],
)
def test_what_follows(status: int, kind: Kind, says: str) -> None:
    with pytest.raises(Failed) as caught:
        confirm(status, NONE)
    assert caught.value.kind == kind
    assert says in str(caught.value)


def test_a_wait_that_is_asked_for_is_told() -> None:
    with pytest.raises(Failed) as caught:
        confirm(503, Headers({"retry-after": "17"}))
    assert caught.value.after_s == 17
