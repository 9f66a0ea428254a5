"""RTCP packets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.rtsp.rtcp import (
    Bye,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    SourceDescription,
    compound,
    is_report,
    ntp_time,
    parse,
)

RECEIVER_REPORT = bytes.fromhex(
    "81c90007 d2bd4e3e 58f33dea 01 fffffd 000088e2 0000000b cd3e1a2b 0001f3a0"
)
SENDER_REPORT = bytes.fromhex("80c80006 f39f4ed9 83aa7e80 80000000 000f4240 00000014 00003039")
DESCRIPTION = bytes.fromhex("81ca0004 f39f4ed9 01 08") + b"cam@host" + bytes(2)
BYE = bytes.fromhex("81cb0001 f39f4ed9")


def test_a_receiver_report_is_read_and_written_back() -> None:
    (report,) = parse(RECEIVER_REPORT)
    block = ReportBlock(0x58F33DEA, 1, -3, 0x88E2, 11, 0xCD3E1A2B, 0x1F3A0)
    assert report == ReceiverReport(0xD2BD4E3E, (block,))
    assert bytes(report) == RECEIVER_REPORT
    assert is_report([report])


def test_a_compound_is_read_and_written_back() -> None:
    data = SENDER_REPORT + DESCRIPTION + BYE
    packets = parse(data)
    assert packets == [
        SenderReport(0xF39F4ED9, 0x83AA7E80_80000000, 1_000_000, 20, 12_345),
        SourceDescription(0xF39F4ED9, "cam@host"),
        Bye((0xF39F4ED9,)),
    ]
    assert compound(*packets) == data
    assert not is_report(packets[1:])


def test_other_types_are_passed_over() -> None:
    feedback = bytes.fromhex("81ce0002 f39f4ed9 f39f4ed9")
    assert parse(feedback + BYE) == [Bye((0xF39F4ED9,))]


def test_ntp_time_counts_from_1900_in_halves_and_smaller() -> None:
    assert ntp_time(0) == 0x83AA7E80 << 32
    assert ntp_time(1_500_000_000) == (0x83AA7E81 << 32) + 0x80000000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\x80\xc9", "shorter than its header"),
        (b"\x40\xc9\0\0", "version 1"),
        (RECEIVER_REPORT[:-1], "length field"),
        (bytes.fromhex("82c90001d2bd4e3e"), "report block is truncated"),
        (bytes.fromhex("80c80001d2bd4e3e"), "sender info"),
        (bytes.fromhex("82cb0001d2bd4e3e"), "count field"),
        (bytes.fromhex("81ca0002d2bd4e3e01ff4142"), "CNAME is truncated"),
    ],
)
def test_what_is_cut_short_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(data)


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_any_datagram_is_read_or_refused(data: bytes) -> None:
    try:
        parse(data)
    except ValueError:
        return
