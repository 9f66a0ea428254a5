"""Pictures put into a bucket of S3 or of whatever speaks like it."""

import re
from collections.abc import Callable

from actors.collect.upload.answer import confirm, kind_of
from actors.collect.upload.failed import Failed, at
from actors.collect.upload.item import Item
from actors.collect.upload.sigv4 import Credentials, authorization, canonical_path, to_sign
from actors.collect.upload.wire import Reply, Wire, place
from actors.web.exchange import Request
from actors.web.status import named

CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")
MOST_BYTES = 1 << 14  # of an error
# Codes of status 400 that are about one object; the others would meet every one.
OBJECT = {"BadDigest", "EntityTooLarge", "EntityTooSmall", "InvalidDigest", "KeyTooLongError"}


class S3:
    """A `Receiver`: PutObject below the address, whose path begins with the bucket."""

    def __init__(
        self, url: str, credentials: Credentials, wire: Wire, now_utc_ns: Callable[[], int]
    ) -> None:
        self._url, self._credentials = place(url), credentials
        self._wire, self._now_utc_ns = wire, now_utc_ns

    def put(self, item: Item) -> None:
        path = canonical_path(f"{self._url.path.rstrip('/')}/{item.name}")
        host = self._url.netloc.decode()
        headers = to_sign(
            {"host": host, "content-type": item.content_type}, item.body, self._now_utc_ns()
        )
        proof = authorization("PUT", path, headers, self._credentials)
        url = self._url.copy_with(raw_path=path.encode())
        with at(f"s3 {host}"):
            request = Request("PUT", url, {**headers, "authorization": proof}, item.body)
            _confirm(self._wire.ask(request, MOST_BYTES))


def _confirm(reply: Reply) -> None:
    """Several faults share a status; the code of the error's document tells them apart."""
    found = CODE.search(reply.body)
    code = found[1].decode() if found else ""
    try:
        confirm(reply.status, reply.headers)
    except Failed as failed:
        if not code:
            raise
        kind = kind_of(reply.status)
        if kind == "picture" and code not in OBJECT:
            kind = "lasting"
        said = f"answers {named(reply.status)}, {code}"
        hint = str(failed).partition("; ")[2]
        raise Failed(f"{said}; {hint}" if hint else said, kind, failed.after_s) from None
