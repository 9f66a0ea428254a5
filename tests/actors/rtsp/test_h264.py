"""Byte streams and RTP payloads."""

from collections.abc import Sequence

import pytest

from actors.rtsp.h264 import ParameterSets, delimiter, nal_type, parameter_sets, payloads, split

SPS = bytes.fromhex("6742c01fda014016e9a8303032000003000200000300791e306540")
PPS = bytes.fromhex("68ce0bc8")
STREAM = b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS + b"\0\0\1\x65\x88\x84\0\0\0"


def joined(received: Sequence[bytes]) -> list[bytes]:
    """NAL units as a receiver joins them, RFC 6184 sections 5.6 to 5.8."""
    nals: list[bytes] = []
    for payload in received:
        match nal_type(payload):
            case 24:
                at = 1
                while at < len(payload):
                    size = int.from_bytes(payload[at : at + 2])
                    nals.append(payload[at + 2 : at + 2 + size])
                    at += 2 + size
            case 28:
                if payload[1] & 0x80:
                    nals.append(bytes((payload[0] & 0x60 | payload[1] & 0x1F,)))
                nals[-1] += payload[2:]
            case _:
                nals.append(payload)
    return nals


def test_a_byte_stream_is_split_at_start_codes() -> None:
    assert split(STREAM) == [SPS, PPS, b"\x65\x88\x84"]
    assert split(b"no start code") == []


def test_parameter_sets_are_found_and_named_for_sdp() -> None:
    sets = parameter_sets(STREAM)
    assert sets == ParameterSets(SPS, PPS)
    assert sets.profile_level_id == "42C01F"
    assert sets.sprop.endswith(",aM4LyA==")
    with pytest.raises(ValueError, match="no SPS and PPS"):
        parameter_sets(b"\0\0\1\x65\x88")


def test_a_small_unit_is_one_packet() -> None:
    assert list(payloads([b"\x41abc"])) == [b"\x41abc"]


def test_parameter_sets_share_a_packet() -> None:
    sent = list(payloads([SPS, PPS, b"\x65abc"]))
    assert [nal_type(payload) for payload in sent] == [24, 5]
    assert joined(sent) == [SPS, PPS, b"\x65abc"]


@pytest.mark.parametrize("size", [1400, 1401, 1402, 2797, 2798, 100_000])
def test_a_large_unit_is_cut_and_can_be_joined(size: int) -> None:
    nal = b"\x65" + bytes(at % 251 + 1 for at in range(size - 1))
    sent = list(payloads([nal]))
    assert max(map(len, sent)) <= 1400
    assert joined(sent) == [nal]
    if size > 1400:
        marks = [payload[1] & 0xC0 for payload in sent]
        assert marks == [0x80, *[0] * (len(sent) - 2), 0x40]


def test_a_delimiter_says_what_kind_of_picture_follows() -> None:
    """primary_pic_type in the upper three bits, then the stop bit: table 7-5 of H.264."""
    assert delimiter(key_frame=True) == bytes((9, 0b000_10000))
    assert delimiter(key_frame=False) == bytes((9, 0b001_10000))
