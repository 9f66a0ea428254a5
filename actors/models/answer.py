"""What a server's answer means for what was asked (pure: status and headers in, values out).

All rules are RFC 9110's. An answer is a body to take, a `Setback` (another attempt may do
better) or a `FetchError` (it would not).
"""

import re
from http import HTTPStatus
from typing import NamedTuple

from httpx import Headers

from actors.models.remote import FetchError
from actors.web.status import REDIRECTS, named, passes, retry_after_s, seconds

STRONG_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')  # section 8.8.3
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
STRONG_AGE_S = 60  # a date this much older than its answer changes with the content
HINTS = {
    401: "; is the token or password still valid?",
    403: "; is the token in the address or header still valid?",
    404: "; is the address right?",
    407: "; the proxy wants a user and a password",
}


class Setback(Exception):
    """This attempt failed. `keep`: whether what has come is still of use."""

    def __init__(self, reason: str, *, keep: bool = True, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.keep, self.after_s = keep, after_s


class Asked(NamedTuple):
    """What a request asked for: all from byte `start` on, if the version is still that one."""

    start: int = 0
    validator: str = ""
    total_bytes: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        if not self.start:
            return {}
        return {"range": f"bytes={self.start}-", "if-range": self.validator}


class Body(NamedTuple):
    """What will come: from byte `start`, up to `end` if that is known, of a whole of `total`."""

    start: int
    end: int | None
    total_bytes: int | None
    etag: str
    validator: str  # to ask later for the rest of this very version; empty if that is not sure
    framed: bool = True  # whether a cut connection can be told from the end


def read(status: int, headers: Headers, asked: Asked) -> Body:
    if status == HTTPStatus.OK:
        return _whole(headers)
    if status == HTTPStatus.PARTIAL_CONTENT and asked.start:
        return _rest(headers, asked)
    if status == HTTPStatus.PARTIAL_CONTENT:
        raise Setback("a piece came though the whole was asked for")
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and asked.start:
        raise Setback("the server has no such rest; it is asked for the whole", keep=False)
    if passes(status):
        raise Setback(named(status), after_s=retry_after_s(headers))
    where = " without saying where to" if status in REDIRECTS else ""
    raise FetchError(f"{named(status)}{where}{HINTS.get(status, '')}")


def validator(headers: Headers) -> str:
    """What names this version for `If-Range` (section 13.1.5): a strong tag, else a date."""
    tag = headers.get("etag", "")
    if tag:
        return tag if STRONG_TAG.fullmatch(tag) else ""
    modified = headers.get("last-modified", "")
    changed_s, now_s = seconds(modified), seconds(headers.get("date", ""))
    return modified if changed_s and now_s - changed_s >= STRONG_AGE_S else ""


def _whole(headers: Headers) -> Body:
    _refuse_encoding(headers)
    length = _length(headers)
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    framed = length is not None or chunked
    return Body(0, length, length, headers.get("etag", ""), validator(headers), framed)


def _rest(headers: Headers, asked: Asked) -> Body:
    """The rest of the version that is there in part, and of no other."""
    _refuse_encoding(headers)
    found = CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if not found:
        raise Setback("a piece came and does not say which", keep=False)
    start, last, total = map(int, found.groups())
    if start != asked.start:
        raise Setback(f"byte {start} came, {asked.start} was asked for", keep=False)
    if not start <= last < total or _length(headers) not in {None, last + 1 - start}:
        raise Setback("a piece came whose size contradicts its headers", keep=False)
    etag = headers.get("etag", "")
    tagged = asked.validator if STRONG_TAG.fullmatch(asked.validator) else ""
    if (etag and tagged and etag != tagged) or asked.total_bytes not in {None, total}:
        raise Setback("a piece of another version came", keep=False)
    return Body(start, last + 1, total, etag or tagged, asked.validator)


def _refuse_encoding(headers: Headers) -> None:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise FetchError(f"it comes encoded ({encoding[:20]!r}), which was not asked for")


def _length(headers: Headers) -> int | None:
    length = headers.get("content-length", "")
    return int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None
