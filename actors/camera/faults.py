"""What to tell a person when a source fails (pure). Nothing here shows an address."""

import errno
from collections.abc import Mapping

from actors.address import Kind


class SourceFault(Exception):
    """Why there are no pictures, in words that say what to do."""


NO_ANSWER = "no answer in time: is the camera on, and reachable from here?"
HTTP: Mapping[str, str] = {  # by the name of the library's error
    "HTTPBadRequestError": "400 bad request: the server does not accept this address",
    "HTTPUnauthorizedError": "401 unauthorized: check user and password in the address",
    "HTTPForbiddenError": "403 forbidden: this user may not watch this camera",
    "HTTPNotFoundError": "404 not found: check the path in the address",
    "HTTPTooManyRequestsError": "429 too many requests: too many viewers at this camera",
    "HTTPServerError": "the server failed (5xx): look at the camera's own log",
}
OTHER: Mapping[str, str] = {
    "ExitError": NO_ANSWER,
    "EOFError": "the other side closed the connection",
    "InvalidDataError": "what comes is no video that can be read: damaged, cut short or empty",
    "DecoderNotFoundError": "unsupported codec: no decoder for its video",
    "DemuxerNotFoundError": "unsupported container format",
    "ProtocolNotFoundError": "unsupported protocol",
    "PatchWelcomeError": "unsupported variant of its codec",
}
NETWORK: Mapping[int, str] = {
    errno.ECONNREFUSED: "connection refused: nothing listens at this host and port",
    errno.EHOSTUNREACH: "no route to this host: check the network and the address",
    errno.ENETUNREACH: "network unreachable: check this device's network",
    errno.ETIMEDOUT: NO_ANSWER,
    errno.EIO: "no connection, or it broke off: check the host's name and the network",
}
DEVICE: Mapping[int, str] = {
    errno.ENOENT: "no such device; plugged in?",
    errno.ENODEV: "the device is gone; plugged in?",
    errno.ENXIO: "the device is gone; plugged in?",
    errno.EACCES: "no permission; add this user to the group `video`",
    errno.EPERM: "no permission; add this user to the group `video`",
    errno.EBUSY: "busy: another program uses this camera",
    errno.ENOTTY: "not a camera: it does not speak V4L2",
    errno.EINVAL: "the camera does not offer this size or rate; leave width, height, fps unset",
}
FILE: Mapping[int, str] = {
    errno.ENOENT: "no such file",
    errno.EISDIR: "a folder, not a file",
    errno.EACCES: "no permission to read this file",
}


def explain(kind: Kind, error: str, number: int | None, text: str | None) -> str:
    """A sentence for a failure: the error's class, its number, and its plain text."""
    by_number = {"network": NETWORK, "v4l2": DEVICE, "file": FILE}.get(kind, FILE)
    found = HTTP.get(error) or OTHER.get(error) or by_number.get(number or 0)
    return found or (text or error).lower()
