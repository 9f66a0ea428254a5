"""What a status and its headers say (pure). All rules are RFC 9110's."""

import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from httpx import Headers

PASSING = {408, 425, 429}  # of all 4xx these alone may change by waiting
REDIRECTS = {301, 302, 303, 307, 308}


def named(status: int) -> str:
    """A status with its registered reason; the server's own words may quote the address."""
    known = {code.value: code.phrase for code in HTTPStatus}
    return f"{status} {known.get(status, '')}".rstrip()


def passes(status: int) -> bool:
    """Whether the same question may be answered otherwise later."""
    return status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def retry_after_s(headers: Headers) -> float:
    """The wait a server asks for; 0 if none. A date counts from the answer's own `Date`."""
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    until_s, now_s = seconds(asked), seconds(headers.get("date", ""))
    return max(0.0, until_s - now_s) if until_s and now_s else 0.0


def seconds(date: str) -> float:
    """An HTTP date as seconds since 1970; 0 if it is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return 0.0
