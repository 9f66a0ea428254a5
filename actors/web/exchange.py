"""One request and its answer: no redirect followed, TLS verified, faults in words.

A proxy is used as the environment says (`https_proxy`, `http_proxy`, `no_proxy`).
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from actors.web.fault import Fault, explained
from actors.web.line import Lines

CONNECT_S = 10.0
LARGEST_PORT = 65535


class Means(NamedTuple):
    """With what a request goes out."""

    lines: Lines
    trust: ssl.SSLContext
    stall_s: float


class Request(NamedTuple):
    """What is asked. Its body is whole in memory."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    body: bytes | None = None


class Answer(NamedTuple):
    """An answer whose body is still to come."""

    status: int
    headers: httpx.Headers
    chunks: Iterator[bytes]


def trusting(*ca_files: str) -> ssl.SSLContext:
    """The public authorities, and those in these files; "" is none. Raises `Fault`."""
    context = httpx.create_ssl_context()
    for ca_file in filter(None, ca_files):
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # ssl.SSLError is one
            why = (
                "no certificate in PEM in it" if isinstance(error, ssl.SSLError) else error.strerror
            )
            raise Fault(f"ca_file = {ca_file!r}: {why}") from None
    return context


def address(text: str, at: httpx.URL | None = None) -> httpx.URL:
    """An http or https address, absolute or as a redirect of `at` gives it. Raises `Fault`."""
    try:
        url = at.join(text) if at else httpx.URL(text)
        url.raw_host.decode("ascii").encode("idna")  # as the system will, and be as strict
    except (httpx.InvalidURL, ValueError):  # its own sentence may quote a password
        raise Fault("no valid address") from None
    if (url.port or 0) > LARGEST_PORT:  # the system would take what is left of 16 bits
        raise Fault(f"a port is a number up to {LARGEST_PORT}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise Fault("an address begins with https://HOST/ or http://HOST/")
    return url


@contextmanager
def ask(request: Request, means: Means) -> Iterator[Answer]:
    """Leaves with `Fault`, or with what the lines' `look_up` raises."""
    url, stall_s = request.url, means.stall_s
    connect_s = min(CONNECT_S, stall_s)
    fixed = {
        "host": url.netloc.decode("ascii"),
        "user-agent": "retinue",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
    }
    if request.body is not None:
        fixed["content-length"] = str(len(request.body))
    headers = [(n.encode(), v.encode()) for n, v in {**request.headers, **fixed}.items()]
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    extensions = {"timeout": {"connect": connect_s, "read": stall_s, "write": stall_s}}
    with (
        explained(connect_s, stall_s),
        _pool(url, means) as pool,
        pool.stream(
            request.method, target, headers=headers, content=request.body, extensions=extensions
        ) as response,
    ):
        yield Answer(response.status, httpx.Headers(response.headers), response.iter_stream())


def _pool(url: httpx.URL, means: Means) -> httpcore.ConnectionPool:
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.netloc.decode("ascii")):
        return httpcore.ConnectionPool(means.trust, network_backend=means.lines)
    try:
        via = address(proxy if "://" in proxy else f"http://{proxy}")
    except Fault as fault:
        raise Fault(f"the environment's proxy: {fault}") from None
    return httpcore.HTTPProxy(
        httpcore.URL(scheme=via.raw_scheme, host=via.raw_host, port=via.port, target=b"/"),
        (via.username.encode(), via.password.encode()) if via.userinfo else None,
        ssl_context=means.trust,
        proxy_ssl_context=means.trust if via.scheme == "https" else None,
        network_backend=means.lines,
    )
