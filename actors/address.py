"""What a camera's `source` says (pure). Paths are as given: relative to where it was started."""

import re
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from actors.scenery import parse_setting

Kind = Literal["scene", "file", "network", "v4l2"]


class BadAddress(ValueError):
    """The source and the rule it breaks."""


class Address(NamedTuple):
    """A source taken apart. `shown` has no password in it."""

    kind: Kind
    target: str  # a path, a URL, a device; empty for the scene
    shown: str
    options: dict[str, str]


def masked(text: str) -> str:
    """`text` without what may be a password: all before an @ but the scheme, and a query.

    A password may itself hold / ? # or @, written as they are; then too much is masked.
    """
    scheme = "".join(re.findall(r"\A(?:[^/@:?]*:)?//", text))
    place, question, query = text.partition("?")
    if "@" in query:  # the question mark may be the password's
        return f"{scheme}***"
    _, at, host = place.rpartition("@")
    shown = f"{scheme}***@{host}" if at else place
    return f"{shown}?***" if question else shown


def parse(source: str) -> Address:
    """Take a source apart or raise `BadAddress`."""
    scheme, colon, rest = source.partition(":")
    if scheme == "scene" and colon:
        options = dict(parse_qsl(rest.lstrip("?"), keep_blank_values=True))
        try:
            parse_setting(options)
        except ValueError as error:
            raise BadAddress(f"{masked(source)!r}: {error}") from None
        return Address("scene", "", source, options)
    if scheme == "file" and rest:
        path = rest.removeprefix("//") if rest.startswith("///") else rest
        return Address("file", path, masked(source) if "://" in source else source, {})
    if scheme in {"rtsp", "rtsps", "http", "https"}:
        _check_host(source)
        return Address("network", source, masked(source), {})
    if scheme == "v4l2" and rest:
        device = f"/dev/video{rest}" if rest.isdecimal() else rest
        return Address("v4l2", device, source, {})
    if source.startswith("/dev/"):
        return Address("v4l2", source, source, {})
    raise BadAddress(
        f"{masked(source)!r}: a source is scene:, file:PATH, rtsp://…, http://…, v4l2:N or "
        "/dev/v4l/by-id/…"
    )


def takes_password(source: str) -> bool:
    """Whether it is a network camera's, with a user and no password in it."""
    address = parse(source)
    if address.kind != "network":
        return False
    parts = urlsplit(source)
    return bool(parts.username) and parts.password is None


def with_password(url: str, password: str) -> str:
    """For a URL of which `takes_password` is true."""
    place = urlsplit(url).netloc
    user, _, host = place.rpartition("@")
    return url.replace(place, f"{user}:{quote(password, safe='')}@{host}", 1)


def _check_host(url: str) -> None:
    rule = ""
    try:
        parts = urlsplit(url)
        rule = "" if parts.hostname else "no host in the address"
        _ = parts.port
    except ValueError:  # its own sentence quotes the address
        rule = "no valid host and port; in a password / ? # @ are written %2F %3F %23 %40"
    if rule:
        raise BadAddress(f"{masked(url)!r}: {rule}")
