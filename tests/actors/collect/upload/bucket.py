"""A bucket that believes nobody: it works out each signature from the bytes that came.

After "Authenticating Requests: Using the Authorization Header" of the Amazon S3 API Reference.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from tests.actors.collect.upload.peer import Asked, Peer, Talk

HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>\w+)/(?P<day>\d{8})/(?P<region>[\w-]+)/s3/aws4_request, ?"
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
NEEDED = {"host", "x-amz-content-sha256", "x-amz-date"}


def error(code: str) -> bytes:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>m</Message></Error>'.encode()


class Bucket(Peer):
    """`keys` are secrets by access key; `region` is where it is."""

    keys: dict[str, str] = {}  # noqa: RUF012 replaced by each test
    region = "us-east-1"

    def play(self, talk: Talk) -> None:
        fault = self.fault(talk.asked)
        if fault:
            talk.answer(400 if fault == "AuthorizationHeaderMalformed" else 403, error(fault))
        else:
            super().play(talk)

    def fault(self, asked: Asked) -> str:
        said = HEADER.fullmatch(asked.headers.get("authorization", ""))
        if not said or not set(said["names"].split(";")) >= NEEDED:
            return "AccessDenied"
        if said["region"] != self.region:
            return "AuthorizationHeaderMalformed"
        if said["id"] not in self.keys:
            return "InvalidAccessKeyId"
        moment = asked.headers["x-amz-date"]
        at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) - at) > timedelta(minutes=15) or not moment.startswith(
            said["day"]
        ):
            return "RequestTimeTooSkewed"
        if hashlib.sha256(asked.body).hexdigest() != asked.headers["x-amz-content-sha256"]:
            return "XAmzContentSHA256Mismatch"
        ours = self.signature(asked, said["names"], moment, self.keys[said["id"]])
        return "" if hmac.compare_digest(ours, said["signature"]) else "SignatureDoesNotMatch"

    def signature(self, asked: Asked, names: str, moment: str, secret: str) -> str:
        raw, _, query = asked.target.partition("?")
        assert not query
        if re.search(r"[^A-Za-z0-9._~/%-]", raw):
            return ""
        told = [f"{name}:{' '.join(asked.headers[name].split())}" for name in names.split(";")]
        digest = asked.headers["x-amz-content-sha256"]
        canonical = "\n".join([asked.method, raw, "", *told, "", names, digest])
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        scope = [moment[:8], self.region, "s3", "aws4_request"]
        key = b"AWS4" + secret.encode()
        for word in scope:
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        text = "\n".join(["AWS4-HMAC-SHA256", moment, "/".join(scope), hashed])
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
