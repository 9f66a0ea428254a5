"""Session descriptions, RFC 4566, with H.264 in RTP as RFC 6184 section 8.2 has it (pure)."""

import ipaddress
from typing import NamedTuple

from actors.rtsp.h264 import ParameterSets
from actors.rtsp.rtp import CLOCK_RATE_HZ, DYNAMIC_PAYLOAD_TYPE

CONTENT_TYPE = "application/sdp"
TRACK = "trackID=0"  # each presentation has one stream


class Format(NamedTuple):
    """What a viewer must know before the first packet. `fps` 0: not known."""

    sets: ParameterSets
    fps: float


def describe(name: str, form: Format, address: str, version: int) -> bytes:
    """The SDP of the stream `name`, served from `address`. `version` grows with changes."""
    family = f"IP{ipaddress.ip_address(address).version}"
    anywhere = "0.0.0.0" if family == "IP4" else "::"  # noqa: S104 RFC 2326 C.1.7: none given
    payload_type, sets = DYNAMIC_PAYLOAD_TYPE, form.sets
    parameters = (
        f"packetization-mode=1;profile-level-id={sets.profile_level_id};"
        f"sprop-parameter-sets={sets.sprop}"
    )
    lines = [
        "v=0",
        f"o=- {version} {version} IN {family} {address}",
        f"s={name}",
        f"c=IN {family} {anywhere}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {payload_type}",
        f"a=rtpmap:{payload_type} H264/{CLOCK_RATE_HZ}",
        f"a=fmtp:{payload_type} {parameters}",
        *([f"a=framerate:{form.fps:g}"] if form.fps else []),
        f"a=control:{TRACK}",
        "",
    ]
    return "\r\n".join(lines).encode()
