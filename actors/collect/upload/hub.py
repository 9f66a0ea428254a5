"""Pictures put into the storage of an Azure IoT Hub, by the hub's own way for files.

The hub is asked where to and gives an address that is good for one blob and for a while; the blob
is put there, and the hub is told. As in its developer guide ("Upload files from your device") and
the REST references of IoT Hub's devices and of Put Blob. The hub puts the device's name before the
blob's.
"""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

import msgspec
from msgspec import Struct

from actors.collect.upload.answer import confirm
from actors.collect.upload.failed import Failed, at
from actors.collect.upload.identity import Identity
from actors.collect.upload.item import Item
from actors.collect.upload.sas import BadKey, sas_token
from actors.collect.upload.wire import Wire, place
from actors.web.exchange import Request

API = "2021-04-12"
TOKEN_S = 3600
MOST_BYTES = 1 << 16
SECOND_NS = 1_000_000_000


class Slot(Struct, frozen=True, rename="camel"):
    """Where a blob may be put."""

    correlation_id: str
    host_name: str
    container_name: str
    blob_name: str
    sas_token: str  # with its question mark

    def __repr__(self) -> str:
        return f"Slot({self.host_name!r})"

    @property
    def url(self) -> str:
        path = quote(f"{self.container_name}/{self.blob_name}", safe="/~")
        return f"https://{self.host_name}/{path}?{self.sas_token.removeprefix('?')}"


class Hub:
    """A `Receiver`. `wire` shows our certificate if we have one; `store` leads to the blobs."""

    def __init__(
        self, identity: Identity, wire: Wire, store: Wire, now_utc_ns: Callable[[], int]
    ) -> None:
        self._identity, self._wire, self._store = identity, wire, store
        self._now_utc_ns, self._name = now_utc_ns, f"hub {identity.host}"
        device = quote(identity.device_id, safe="")
        self._files = f"https://{identity.host}/devices/{device}/files"

    def put(self, item: Item) -> None:
        slot = self._slot(item)
        try:
            self._fill(slot, item)
        except Failed:
            with suppress(Failed):
                self._notify(slot, arrived=False)
            raise
        self._notify(slot, arrived=True)

    def _slot(self, item: Item) -> Slot:
        reply = self._ask("", {"blobName": item.name}, "; has the hub a container for files set?")
        try:
            return msgspec.json.decode(reply, type=Slot)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise Failed(f"{self._name}: answers no place to upload to", "passing") from None

    def _fill(self, slot: Slot, item: Item) -> None:
        headers = {"content-type": item.content_type, "x-ms-blob-type": "BlockBlob"}
        with at("the hub's storage"):
            reply = self._store.ask(Request("PUT", place(slot.url), headers, item.body))
            confirm(reply.status, reply.headers)

    def _notify(self, slot: Slot, *, arrived: bool) -> None:
        """A hub that was not told counts the upload as under way, and allows only a few."""
        said = {
            "correlationId": slot.correlation_id,
            "isSuccess": arrived,
            "statusCode": 201 if arrived else 500,
            "statusDescription": "uploaded" if arrived else "failed",
        }
        self._ask("/notifications", said)

    def _ask(self, what: str, said: dict[str, object], hint: str = "") -> bytes:
        """What the hub answers; a request of ours that it refuses is no picture's fault."""
        with at(self._name):
            url = place(f"{self._files}{what}?api-version={API}")
            headers = {"content-type": "application/json", **self._proof()}
            reply = self._wire.ask(
                Request("POST", url, headers, msgspec.json.encode(said)), MOST_BYTES
            )
            try:
                confirm(reply.status, reply.headers)
            except Failed as failed:
                if failed.kind != "picture":
                    raise
                raise Failed(f"{failed}{hint}", "lasting") from None
            return reply.body

    def _proof(self) -> dict[str, str]:
        if not self._identity.key:
            return {}
        resource = f"{self._identity.host}/devices/{self._identity.device_id}"
        expires_s = self._now_utc_ns() // SECOND_NS + TOKEN_S
        try:
            return {"authorization": sas_token(resource, self._identity.key, expires_s)}
        except BadKey as error:
            raise Failed(str(error), "lasting") from None
