"""Where a package comes from, as somebody writes it (pure). `shown` never holds a secret.

`https://…` (a fragment `#sha256=HEX` is what the file must be), `catalogue:NAME` or
`catalogue:NAME@PRECISION`, `file:PATH` or a path. What Percept's server of protected models has is
not written so: only a wish names it.
"""

import re
from urllib.parse import urlsplit

from msgspec import Struct

from actors.address import masked

SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
LONGEST = 4096
FORMS = "https://…, catalogue:NAME, file:PATH or a path"


class SourceError(ValueError):
    """The source and the rule it breaks, in one sentence."""


class Web(Struct, frozen=True):
    """A file from http or https. Without a digest nothing but TLS vouches for it."""

    url: str
    sha256: str = ""  # lower case

    def __repr__(self) -> str:
        return f"Web({self.shown!r})"

    @property
    def shown(self) -> str:
        return masked(self.url)


class Listed(Struct, frozen=True):
    """A network of the catalogue; without a precision the one that is listed as its default."""

    name: str
    precision: str = ""

    @property
    def shown(self) -> str:
        return f"catalogue:{self.name}@{self.precision}".removesuffix("@")


class Local(Struct, frozen=True):
    """A zip, a sealed package, a folder or a model file of this device."""

    path: str

    @property
    def shown(self) -> str:
        return self.path


class Protected(Struct, frozen=True):
    """A model of Percept's server. With a `url` only its key is the server's."""

    server: str
    name: str
    version: str
    url: str = ""

    def __repr__(self) -> str:
        return f"Protected({self.shown!r})"

    @property
    def shown(self) -> str:
        return f"{self.name} {self.version} of {masked(self.server)}"


Source = Web | Listed | Local | Protected


def parse(text: str) -> Source:
    """Take a source apart or raise `SourceError`."""
    if not text or len(text) > LONGEST or CONTROL.search(text):
        rule = f"has 1 to {LONGEST} characters and none that ends a line"
        raise SourceError(f"{CONTROL.sub('?', masked(text))[:80]!r}: a model's source {rule}")
    scheme, _, rest = text.partition(":")
    if scheme.lower() in {"http", "https"}:
        return _web(text)
    if scheme == "catalogue":
        return _listed(text, rest)
    if scheme == "file" and rest:
        return Local(rest.removeprefix("//") if rest.startswith("///") else rest)
    if SCHEME.match(text) or scheme == "file":
        raise SourceError(f"{masked(text)[:80]!r}: a model's source is {FORMS}")
    return Local(text)


def _web(text: str) -> Web:
    url, _, fragment = text.partition("#")
    shown = masked(url)[:200]
    name, _, digest = fragment.partition("=")
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and "://" in url
        _ = parts.port
    except ValueError:  # its own sentence quotes the address
        is_address = False
    if not is_address:
        raise SourceError(f"{shown!r}: an address is https://HOST/PATH, with its port a number")
    if fragment and (name != "sha256" or not SHA256.fullmatch(digest)):
        raise SourceError(f"{shown!r}: behind # stands sha256= and 64 hexadecimal digits")
    return Web(url, digest.lower())


def _listed(text: str, rest: str) -> Listed:
    name, at, precision = rest.partition("@")
    if not WORD.fullmatch(name) or (at and not WORD.fullmatch(precision)):
        raise SourceError(
            f"{text[:80]!r}: a network of the catalogue is catalogue:NAME or "
            "catalogue:NAME@PRECISION"
        )
    return Listed(name, precision)
