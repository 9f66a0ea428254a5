"""RTP packets."""

import pytest

from actors.rtsp.rtp import Packet, timestamp

CAPTURED = bytes.fromhex("80e01f4a00057e40deadbeef6742c01e")


def test_a_packet_is_read_and_written_back() -> None:
    packet = Packet.parse(CAPTURED)
    assert packet.payload_type == 96
    assert packet.marker
    assert packet.sequence_number == 0x1F4A
    assert packet.timestamp == 360_000
    assert packet.ssrc == 0xDEADBEEF
    assert packet.payload == b"\x67\x42\xc0\x1e"
    assert bytes(packet) == CAPTURED


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (CAPTURED[:11], "RTP packet is shorter than its fixed header"),
        (b"\x40" + CAPTURED[1:], "RTP version 1: only 2 is known"),
        (b"\x90" + CAPTURED[1:], "padding, an extension or contributing sources"),
    ],
)
def test_what_is_not_such_a_packet_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Packet.parse(data)


def test_timestamps_count_90_000_a_second_and_wrap() -> None:
    assert timestamp(2_000_000_000, 5) == 180_005
    assert timestamp(1_000_000_000, 0xFFFF_FFFF) == 89_999
    assert timestamp(10**18, 0) - timestamp(10**18 - 10**9, 0) in {90_000, 90_000 - 2**32}
