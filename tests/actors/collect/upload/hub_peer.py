"""An IoT hub's file upload and the storage behind it, as the REST references describe both."""

import json
import urllib.parse

from azure.iot.device.common.auth.signing_mechanism import SymmetricKeySigningMechanism

from tests.actors.collect.upload.peer import Asked, Peer, Talk
from tests.actors.collect.upload.rig import SECRET

VERSION = "api-version=2021-04-12"
SIGNATURE = f"?sv=2018-03-28&sr=b&sig={SECRET}%2Bab%3D%3D&se=2026-01-01T00%3A00%3A00Z&sp=rw"


class Storage(Peer):
    """Puts blobs where a signature allows it."""

    def play(self, talk: Talk) -> None:
        asked = talk.asked
        if not asked.target.endswith(SIGNATURE):
            talk.answer(403)
        elif asked.method != "PUT" or asked.headers.get("x-ms-blob-type") != "BlockBlob":
            talk.answer(400)
        else:
            self.kept[urllib.parse.unquote(asked.path)] = asked.body
            talk.answer(201)


class HubPeer(Peer):
    """A hub with one device."""

    device, key, storage = "front door/1", "", ""
    open: dict[str, str]
    told: list[dict[str, object]]

    def play(self, talk: Talk) -> None:
        asked = talk.asked
        files = f"/devices/{urllib.parse.quote(self.device, safe='')}/files"
        if not self.knows(asked):
            talk.answer(401)
        elif (asked.method, asked.target) == ("POST", f"{files}?{VERSION}"):
            talk.answer(200, self.slot(json.loads(asked.body)["blobName"]))
        elif (asked.method, asked.target) == ("POST", f"{files}/notifications?{VERSION}"):
            said = json.loads(asked.body)
            self.open.pop(said["correlationId"])
            self.told.append(said)
            talk.answer(204)
        else:
            talk.answer(404)

    def knows(self, asked: Asked) -> bool:
        """By the device's key if it has one, else by its certificate."""
        if not self.key:
            return asked.subject == self.device
        scheme, _, fields = asked.headers.get("authorization", "").partition(" ")
        said = dict(part.split("=", 1) for part in fields.split("&"))
        resource = urllib.parse.quote(f"{self.host}/devices/{self.device}", safe="")
        proof = SymmetricKeySigningMechanism(self.key).sign(f"{resource}\n{said['se']}")
        given = urllib.parse.unquote(said["sig"])
        return (scheme, said["sr"], given) == ("SharedAccessSignature", resource, proof)

    def slot(self, blob: str) -> bytes:
        correlation = f"c{len(self.asked)}"
        self.open[correlation] = blob
        return json.dumps(
            {
                "correlationId": correlation,
                "hostName": self.storage,
                "containerName": "pictures",
                "blobName": f"{self.device}/{blob}",
                "sasToken": SIGNATURE,
            }
        ).encode()
