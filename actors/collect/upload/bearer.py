"""Pictures put to a web server, with a bearer token if there is one."""

from base64 import b64encode
from hashlib import sha256

from actors.collect.upload.answer import confirm
from actors.collect.upload.failed import at
from actors.collect.upload.item import Item
from actors.collect.upload.wire import Wire, place
from actors.web.exchange import Request


class Bearer:
    """A `Receiver`: PUT of each file at the address with its name appended (RFC 9110)."""

    def __init__(self, url: str, token: str, wire: Wire) -> None:
        self._url, self._wire = place(url), wire
        self._secrets = {"authorization": f"Bearer {token}"} if token else {}

    def put(self, item: Item) -> None:
        digest = b64encode(sha256(item.body).digest()).decode()
        headers = {
            "content-type": item.content_type,
            "content-digest": f"sha-256=:{digest}:",  # RFC 9530
            **self._secrets,
        }
        path = self._url.raw_path.rstrip(b"/") + f"/{item.name}".encode()
        url = self._url.copy_with(raw_path=path)
        with at(f"http {self._url.netloc.decode()}"):
            reply = self._wire.ask(Request("PUT", url, headers, item.body))
            confirm(reply.status, reply.headers)
