"""What a camera's `source` says (pure). Paths are as given: relative to where it was started."""

import re
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

Kind = Literal["scene", "file", "network", "v4l2"]


class BadAddress(ValueError):
    """The source and the rule it breaks."""


class Address(NamedTuple):
    """A source taken apart. `shown` has no password in it."""

    kind: Kind
    target: str  # a path, a URL, a device; empty for the scene
    shown: str
    options: dict[str, str]


def parse(source: str) -> Address:
    """Take a source apart or raise `BadAddress`."""
    scheme, colon, rest = source.partition(":")
    masked = re.sub(r"//[^/]*@", "//***@", source)
    if scheme == "scene" and colon:
        options = dict(parse_qsl(rest.lstrip("?"), keep_blank_values=True))
        seed = options.get("seed", "0")
        if set(options) - {"seed"} or not seed.isdecimal():
            raise BadAddress(
                f"{masked!r}: the scene's only option is a number, as in scene:?seed=7"
            )
        return Address("scene", "", source, options)
    if scheme == "file" and rest:
        return Address(
            "file", rest.removeprefix("//") if rest.startswith("///") else rest, source, {}
        )
    if scheme in {"rtsp", "rtsps", "http", "https"}:
        _check_host(source, masked)
        place, question, _ = masked.partition("?")  # a query may hold a password too
        return Address("network", source, f"{place}?***" if question else place, {})
    if scheme == "v4l2" and rest:
        device = f"/dev/video{rest}" if rest.isdecimal() else rest
        return Address("v4l2", device, source, {})
    if source.startswith("/dev/"):
        return Address("v4l2", source, source, {})
    raise BadAddress(
        f"{masked!r}: a source is scene:, file:PATH, rtsp://…, http://…, v4l2:N or /dev/v4l/by-id/…"
    )


def _check_host(url: str, masked: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise BadAddress(f"{masked!r}: {error}") from None
    if not parts.hostname:
        raise BadAddress(f"{masked!r}: no host in the address")
