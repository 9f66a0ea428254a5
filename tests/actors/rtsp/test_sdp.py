"""Session descriptions."""

from actors.rtsp.h264 import ParameterSets
from actors.rtsp.sdp import Format, describe

SETS = ParameterSets(b"\x67\x42\xc0\x1f\xda", b"\x68\xce\x0b\xc8")
PARAMETERS = "packetization-mode=1;profile-level-id=42C01F;sprop-parameter-sets=Z0LAH9o=,aM4LyA=="


def test_a_description_says_all_a_decoder_needs() -> None:
    assert describe("front/raw", Format(SETS, 29.97), "192.0.2.1", 7).decode().split("\r\n") == [
        "v=0",
        "o=- 7 7 IN IP4 192.0.2.1",
        "s=front/raw",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        "m=video 0 RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
        f"a=fmtp:96 {PARAMETERS}",
        "a=framerate:29.97",
        "a=control:trackID=0",
        "",
    ]


def test_an_unknown_rate_is_left_out_and_addresses_may_be_ipv6() -> None:
    text = describe("front/raw", Format(SETS, 0), "::1", 7).decode()
    assert "framerate" not in text
    assert "c=IN IP6 ::\r\n" in text
