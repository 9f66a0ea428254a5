"""What is checked of every request before anything is done about it (pure)."""

from collections.abc import Mapping
from typing import NamedTuple

from actors.rtsp.digest import Gate
from actors.rtsp.mounts import path
from actors.rtsp.protocol import Request, Response, answer

METHODS = (
    "OPTIONS",
    "DESCRIBE",
    "SETUP",
    "PLAY",
    "PAUSE",
    "TEARDOWN",
    "GET_PARAMETER",
    "SET_PARAMETER",
)
PUBLIC = ("Public", ", ".join(METHODS))
KEEP_ALIVE = {"OPTIONS", "GET_PARAMETER", "SET_PARAMETER"}  # of no stream in particular


class Admitted(NamedTuple):
    """The request may be carried out. `stream` is empty for one that names none."""

    stream: str
    mount: str  # the path it was asked for by
    nonce: str


class Admission:
    """The rules of one server. `mounts`: streams by path, all that may be asked for now."""

    def __init__(self, mounts: Mapping[str, str], gate: Gate) -> None:
        self.mounts, self._gate = mounts, gate

    def admit(self, request: Request, now_ns: int, known_nonce: str) -> Admitted | Response:
        """Let the request in, or say in a response why not."""
        if fault := _fault(request):
            return fault
        nonce = ""
        if request.method != "OPTIONS" and not self._gate.open:
            nonce, refusal = self._check(request, now_ns, known_nonce)
            if refusal:
                return refusal
        mount = path(request.uri) or ""
        stream = self.mounts.get(mount, "")
        if not stream and request.method not in KEEP_ALIVE:
            return answer(request, 404)
        return Admitted(stream, mount, nonce)

    def _check(
        self, request: Request, now_ns: int, known_nonce: str
    ) -> tuple[str, Response | None]:
        verdict, nonce = self._gate.check(
            request.header("Authorization"),
            request.method,
            now_ns,
            same=lambda uri: path(uri) == path(request.uri),
            known_nonce=known_nonce,
        )
        if verdict == "welcome":
            return nonce, None
        challenges = self._gate.challenges(now_ns, stale=verdict == "stale")
        headers = [("WWW-Authenticate", challenge) for challenge in challenges]
        return "", answer(request, 401, *headers)


def _fault(request: Request) -> Response | None:
    """What no user may ask of any stream."""
    if not request.header("CSeq"):
        return Response(400)
    if request.version != "RTSP/1.0":
        return answer(request, 505)
    if request.method not in METHODS:
        return answer(request, 501, PUBLIC)
    if required := request.header("Require"):
        return answer(request, 551, ("Unsupported", required))
    return None
