"""One request and its answer: redirects followed, TLS verified, faults in words.

A proxy is used as the environment says (`https_proxy`, `http_proxy`, `no_proxy`).
"""

import base64
import logging
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from actors.models.answer import REDIRECTS, Setback
from actors.models.line import Lines
from actors.models.remote import FetchError, Unreachable

for _name in ("httpcore", "httpx"):  # both write addresses and headers into the log, tokens and all
    logging.getLogger(_name).setLevel(logging.WARNING)

MOST_REDIRECTS = 5
CONNECT_S = 10.0
LARGEST_PORT = 65535
BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
# OpenSSL's X509_V_ERR_*: not yet valid, expired; and no authority found, or an unknown one.
NOT_YET_CODE = 9
CLOCK_CODES = {NOT_YET_CODE, 10}
AUTHORITY_CODES = {2, 18, 19, 20, 21}


class Means(NamedTuple):
    """With what a request goes out."""

    lines: Lines
    trust: ssl.SSLContext
    stall_s: float


class Answer(NamedTuple):
    """An answer whose body is still to come."""

    status: int
    headers: httpx.Headers
    chunks: Iterator[bytes]


def trusting(ca_file: str) -> ssl.SSLContext:
    """The public authorities, and those in `ca_file`."""
    context = httpx.create_ssl_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # ssl.SSLError is one
            why = (
                "no certificate in PEM in it" if isinstance(error, ssl.SSLError) else error.strerror
            )
            raise FetchError(f"ca_file = {ca_file!r}: {why}") from None
    return context


def address(text: str, at: httpx.URL | None = None) -> httpx.URL:
    """An http or https address, absolute or as a redirect of `at` gives it."""
    try:
        url = at.join(text) if at else httpx.URL(text)
        url.raw_host.decode("ascii").encode("idna")  # as the system will, and be as strict
    except (httpx.InvalidURL, ValueError):  # its own sentence may quote a password
        raise FetchError("no valid address") from None
    if (url.port or 0) > LARGEST_PORT:  # the system would take what is left of 16 bits
        raise FetchError(f"a port is a number up to {LARGEST_PORT}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise FetchError("an address begins with https://HOST/ or http://HOST/")
    return url


@contextmanager
def get(
    url: httpx.URL, headers: Mapping[str, str], secrets: Mapping[str, str], means: Means
) -> Iterator[Answer]:
    """Ask, and follow up to five redirects. Leaves with `Setback` or `FetchError`.

    `secrets` are headers for this host alone, and so are the address's user and password.
    """
    first, secrets = url, {**_basic(url), **_lower(secrets)}
    for _ in range(MOST_REDIRECTS + 1):
        with _explained(url, first, means.stall_s), _pool(url, means) as pool:
            with _asked(pool, url, {**secrets, **headers}, means.stall_s) as response:
                found = httpx.Headers(response.headers)
                if response.status not in REDIRECTS or "location" not in found:
                    yield Answer(response.status, found, response.iter_stream())
                    return
            following = _redirected(url, found["location"])
        if _origin(following) != _origin(url):
            secrets = {}
        url = following
    raise FetchError(f"more than {MOST_REDIRECTS} redirects")


def _asked(
    pool: httpcore.ConnectionPool, url: httpx.URL, headers: Mapping[str, str], stall_s: float
) -> AbstractContextManager[httpcore.Response]:
    fixed = {
        "host": url.netloc.decode("ascii"),
        "user-agent": "retinue",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
    }
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    timeouts = {"connect": _connect_s(stall_s), "read": stall_s, "write": stall_s}
    sent = [(name.encode(), value.encode()) for name, value in {**headers, **fixed}.items()]
    return pool.stream("GET", target, headers=sent, extensions={"timeout": timeouts})


def _connect_s(stall_s: float) -> float:
    return min(CONNECT_S, stall_s)


def _pool(url: httpx.URL, means: Means) -> httpcore.ConnectionPool:
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.netloc.decode("ascii")):
        return httpcore.ConnectionPool(means.trust, network_backend=means.lines)
    try:
        via = address(proxy if "://" in proxy else f"http://{proxy}")
    except FetchError as error:
        raise FetchError(f"the environment's proxy: {error}") from None
    return httpcore.HTTPProxy(
        httpcore.URL(scheme=via.raw_scheme, host=via.raw_host, port=via.port, target=b"/"),
        (via.username.encode(), via.password.encode()) if via.userinfo else None,
        ssl_context=means.trust,
        proxy_ssl_context=means.trust if via.scheme == "https" else None,
        network_backend=means.lines,
    )


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
def _explained(url: httpx.URL, first: httpx.URL, stall_s: float) -> Iterator[None]:
    """Faults of the connection as outcomes of ours; none quotes what was sent or received."""
    where = "" if url.host == first.host else f"redirected to {url.host}: "
    try:
        yield
    except httpcore.ConnectTimeout:
        raise Setback(f"{where}no connection within {_connect_s(stall_s):g} s") from None
    except httpcore.ReadTimeout:
        raise Setback(f"{where}no byte came for {stall_s:g} s") from None
    except httpcore.ProxyError:
        raise Setback(f"{where}the proxy refuses to connect") from None
    except BROKEN as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, ssl.SSLCertVerificationError):
            outcome = FetchError if is_final(cause) else Unreachable
            raise outcome(f"{where}{_distrust(cause)}") from None
        raise Setback(f"{where}{_reason(cause)}") from None
    except Setback as error:
        reason = f"{where}{error}"
        raise Setback(reason, keep=error.keep, after_s=error.after_s) from None
    except FetchError as error:
        raise type(error)(f"{where}{error}") from None


def is_final(error: ssl.SSLCertVerificationError) -> bool:
    """A clock that is behind, as after a boot without a network, will be set."""
    return error.verify_code != NOT_YET_CODE


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in CLOCK_CODES:
        hint = "; is this device's clock right?"
    elif error.verify_code in AUTHORITY_CODES:
        hint = "; if it is right, name its authority in ca_file"
    else:
        hint = ""
    return f"its certificate is refused: {error.verify_message.rstrip('.')}{hint}"


def _reason(cause: object) -> str:
    match cause:
        case ssl.SSLError():
            return f"TLS failed ({(cause.reason or 'no reason given').lower().replace('_', ' ')})"
        case socket.gaierror():
            return f"the host's name was not found ({(cause.strerror or '').lower()})"
        case OSError() if cause.errno:
            return os.strerror(cause.errno).lower()
    return "the connection broke off, or what came is not HTTP"
