"""Which path shows which stream (pure)."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from actors.rtsp.sdp import TRACK

RAW, RESULT = "raw", "result"
ALIASES = {"raw": RAW, "rawTCP": RAW, "h264raw": RAW, "result": RESULT, "resultTCP": RESULT}


def stream_name(camera: str, kind: str) -> str:
    return f"{camera}/{kind}"


def mounts(cameras: Iterable[str]) -> dict[str, str]:
    """Stream names by path: two for each camera, and the aliases of the first one's."""
    names = list(cameras)
    streams = [stream_name(camera, kind) for camera in names for kind in (RAW, RESULT)]
    aliases = {alias: stream_name(names[0], kind) for alias, kind in ALIASES.items()}
    return {**{name: name for name in streams}, **aliases}


def path(uri: str) -> str | None:
    """The mount's path in a request's URI, without track, query and slashes around it.

    None if the URI is none. A track may also follow the query: some clients append it there.
    """
    try:
        found = urlsplit(uri.removesuffix("/").removesuffix(f"/{TRACK}")).path
    except ValueError:
        return None
    return found.strip("/").removesuffix(TRACK).strip("/")


def content_base(uri: str) -> str:
    """What `a=control` is relative to: the URI without query, ended with a slash."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
