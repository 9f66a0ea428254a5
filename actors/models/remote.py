"""What a download is given and what it tells: values only.

No value here shows an address with its query, user or password, nor what a header says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from msgspec import Struct

from actors.address import masked

DIGITS = {"sha256": 64, "sha384": 96}  # hexadecimal digits of each digest
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
VALUE = re.compile(r"[\x20-\x7e]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # what would leave its line

Doing = Literal["checking", "connecting", "downloading", "waiting"]


class FetchError(Exception):
    """Why a file could not be had, in one sentence. To ask again would change nothing."""


class Unreachable(FetchError):
    """As above, but time may mend it: the line or the server failed, or it took too long."""


class Stopped(Exception):
    """`stop` was set. What had come lies beside the goal, for the next time."""


@dataclass(frozen=True, repr=False)
class Remote:
    """A file to be had over HTTP, and what is known of it beforehand."""

    url: str
    sha256: str = ""
    sha384: str = ""
    size_bytes: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # a bearer's, say

    def __repr__(self) -> str:
        return f"Remote({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address as it may be shown."""
        return CONTROL.sub("?", masked(self.url))

    @property
    def digests(self) -> dict[str, str]:
        """The expected digests, by algorithm, in lower case."""
        given = {"sha256": self.sha256, "sha384": self.sha384}
        return {name: digest.lower() for name, digest in given.items() if digest}


class Terms(Struct, frozen=True):
    """Bounds, patience and trust. `attempts`: failures in a row without getting further."""

    most_bytes: int = 2_000_000_000
    longest_s: float = 3600.0  # all in all, waits included
    stall_s: float = 30.0  # without a byte
    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    ca_file: str = ""  # authorities to trust beside the public ones, PEM


class Progress(Struct, frozen=True):
    """How far it is. `reason`: why the last attempt failed, if one did."""

    doing: Doing
    done_bytes: int
    total_bytes: int | None
    rate_bytes_s: float
    attempt: int
    reason: str = ""


class Fetched(Struct, frozen=True):
    """A file that is there, whole and written through to the disk."""

    path: Path
    size_bytes: int
    sha256: str
    etag: str


def check(remote: Remote) -> None:
    """Refuse with `FetchError` what is wrong before anybody is asked."""
    for algorithm, digest in remote.digests.items():
        if not re.fullmatch(rf"[0-9a-f]{{{DIGITS[algorithm]}}}", digest):
            raise FetchError(
                f"{algorithm} = {digest[:100]!r}: not {DIGITS[algorithm]} hexadecimal digits"
            )
    for name, value in remote.headers.items():
        if not NAME.fullmatch(name) or not VALUE.fullmatch(value):
            raise FetchError("headers: a name or value that HTTP does not allow")
