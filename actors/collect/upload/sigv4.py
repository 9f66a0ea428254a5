"""AWS Signature Version 4 for S3, in one header (pure).

As the Amazon S3 API Reference has it ("Authenticating Requests: Using the Authorization Header",
payload in a single chunk). Addresses here have no query.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
SECOND_NS = 1_000_000_000


class Credentials(NamedTuple):
    """Who signs, for which region."""

    access_key: str
    secret_key: str
    region: str

    def __repr__(self) -> str:
        return f"Credentials({self.region!r})"


def canonical_path(path: str) -> str:
    """A path as it must be sent and signed: of each byte but `A-Za-z0-9-._~/` the hex digits."""
    return quote(unquote(path), safe="/~") or "/"


def to_sign(headers: Mapping[str, str], body: bytes, now_utc_ns: int) -> dict[str, str]:
    """The headers that are to be sent and signed: those given, the body's digest, the time."""
    return {
        **{name.lower(): value.strip() for name, value in headers.items()},
        "x-amz-content-sha256": sha256(body).hexdigest(),
        "x-amz-date": f"{datetime.fromtimestamp(now_utc_ns // SECOND_NS, UTC):%Y%m%dT%H%M%SZ}",
    }


def authorization(
    method: str, path: str, headers: Mapping[str, str], credentials: Credentials
) -> str:
    """The `authorization` header for these headers, `host` among them, as `to_sign` makes them."""
    names = sorted(headers)
    listed = ";".join(names)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    request = f"{method}\n{path}\n\n{lines}\n{listed}\n{headers['x-amz-content-sha256']}"
    moment = headers["x-amz-date"]
    day = moment[:8]
    scope = f"{day}/{credentials.region}/s3/aws4_request"
    text = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return (
        f"{ALGORITHM} Credential={credentials.access_key}/{scope},"
        f"SignedHeaders={listed},Signature={signature}"
    )
