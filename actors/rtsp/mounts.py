"""Which path shows which stream, and which of them are wanted (pure)."""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from actors.rtsp.sdp import TRACK
from actors.settings import Settings

RAW: Final = "raw"
RESULT: Final = "result"
H264RAW: Final = "h264raw"
ALIASES = {"raw": RAW, "rawTCP": RAW, H264RAW: RAW, "result": RESULT, "resultTCP": RESULT}


def stream_name(camera: str, kind: str) -> str:
    return f"{camera}/{kind}"


def streams(cameras: Iterable[str]) -> list[str]:
    """All that can be watched: two for each camera."""
    return [stream_name(camera, kind) for camera in cameras for kind in (RAW, RESULT)]


def off(wanted: Settings) -> list[str]:
    """What is not to be seen. `h264raw` goes with raw unless it is wanted by itself."""
    raw, result = wanted.raw_stream is not False, wanted.result_stream is not False
    h264 = raw if wanted.h264_stream is None else wanted.h264_stream
    return [kind for kind, on in ((RAW, raw), (RESULT, result), (H264RAW, h264)) if not on]


def mounts(cameras: Sequence[str], wanted: Settings) -> dict[str, str]:
    """Stream names by path: each camera's own, and the aliases of the first one's.

    What is off is off by all its names.
    """
    hidden = off(wanted)
    kinds = [kind for kind in (RAW, RESULT) if kind not in hidden]
    own = [stream_name(camera, kind) for camera in cameras for kind in kinds]
    aliases = {
        alias: stream_name(cameras[0], kind)
        for alias, kind in ALIASES.items()
        if (H264RAW if alias == H264RAW else kind) not in hidden
    }
    return {**{name: name for name in own}, **aliases}


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
