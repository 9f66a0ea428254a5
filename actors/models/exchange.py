"""One file asked for, and the answer: redirects followed, faults as outcomes of a download."""

import base64
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from actors.models.answer import Setback
from actors.models.remote import FetchError, Unreachable
from actors.web import exchange
from actors.web.exchange import Answer, Means, Request, ask
from actors.web.fault import Fault
from actors.web.status import REDIRECTS

MOST_REDIRECTS = 5


def trusting(ca_file: str) -> ssl.SSLContext:
    """The public authorities, and those in `ca_file`. Raises `FetchError`."""
    with _outcomes():
        return exchange.trusting(ca_file)


def address(text: str, at: httpx.URL | None = None) -> httpx.URL:
    """An http or https address, absolute or as a redirect of `at` gives it."""
    with _outcomes():
        return exchange.address(text, at)


@contextmanager
def get(
    url: httpx.URL, headers: Mapping[str, str], secrets: Mapping[str, str], means: Means
) -> Iterator[Answer]:
    """Ask, and follow up to five redirects. Leaves with `Setback` or `FetchError`.

    `secrets` are headers for this host alone, and so are the address's user and password.
    """
    first, secrets = url, {**_basic(url), **_lower(secrets)}
    for _ in range(MOST_REDIRECTS + 1):
        where = "" if url.host == first.host else f"redirected to {url.host}: "
        with _outcomes(where):
            with ask(Request("GET", url, {**secrets, **headers}), means) as answer:
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    yield answer
                    return
            following = _redirected(url, answer.headers["location"])
        if _origin(following) != _origin(url):
            secrets = {}
        url = following
    raise FetchError(f"more than {MOST_REDIRECTS} redirects")


def _redirected(at: httpx.URL, location: str) -> httpx.URL:
    try:
        following = address(location, at)
    except FetchError as error:
        raise FetchError(f"redirected to what is no address: {error}") from None
    if at.scheme == "https" != following.scheme:
        raise FetchError("redirected from https to http, which is not followed")
    return following


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _basic(url: httpx.URL) -> dict[str, str]:
    """The address's user and password as RFC 7617 sends them."""
    if not url.userinfo:
        return {}
    pair = f"{url.username}:{url.password}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


@contextmanager
def _outcomes(where: str = "") -> Iterator[None]:
    """Faults as outcomes of ours. `where` it went wrong, if that is not where it began."""
    try:
        yield
    except Fault as fault:
        reason = f"{where}{fault}"
        if fault.mends == "retry":
            raise Setback(reason) from None
        raise (Unreachable if fault.mends == "time" else FetchError)(reason) from None
    except Setback as error:
        reason = f"{where}{error}"
        raise Setback(reason, keep=error.keep, after_s=error.after_s) from None
    except FetchError as error:
        raise type(error)(f"{where}{error}") from None
