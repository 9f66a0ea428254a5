"""A stream's packets and reports."""

import pytest

from actors.rtsp import rtcp
from actors.rtsp.h264 import AccessUnit
from actors.rtsp.protocol import Interleaved
from actors.rtsp.rtp import Packet
from actors.rtsp.stream import Start, Stream, framed

SECOND_NS = 1_000_000_000


def stream() -> Stream:
    return Stream(Start(0xAB, 0xFFFE, 1000), "front/raw@host")


def unit(captured_ns: int, size: int = 3000, *, key_frame: bool = True) -> AccessUnit:
    return AccessUnit([b"\x65" + b"x" * size], key_frame, captured_ns, 7 * SECOND_NS + captured_ns)


def test_packets_count_on_and_the_last_of_a_picture_is_marked() -> None:
    packer = stream()
    first = [Packet.parse(data) for data in packer.pack(unit(0)).packets]
    second = [Packet.parse(data) for data in packer.pack(unit(SECOND_NS)).packets]
    assert [packet.sequence_number for packet in first] == [0xFFFE, 0xFFFF, 0]
    assert [packet.sequence_number for packet in second] == [1, 2, 3]
    assert [packet.marker for packet in first] == [False, False, True]
    assert {packet.timestamp for packet in first} == {1000}
    assert {packet.timestamp for packet in second} == {91_000}
    assert {packet.ssrc for packet in first} == {0xAB}


def test_the_beginning_of_a_picture_has_its_time_and_no_mark() -> None:
    packer = stream()
    begun = unit(SECOND_NS)._replace(nals=[b"\x09\x10"], begun=True)
    (first,) = (Packet.parse(data) for data in packer.pack(begun).packets)
    rest = [Packet.parse(data) for data in packer.pack(unit(SECOND_NS)).packets]
    assert (first.payload, first.marker, first.timestamp) == (b"\x09\x10", False, 91_000)
    assert rest[0].sequence_number == first.sequence_number + 1
    assert [packet.marker for packet in rest] == [False, False, True]
    assert {packet.timestamp for packet in rest} == {91_000}


def test_a_burst_is_framed_once_for_a_channel() -> None:
    burst = stream().pack(unit(0))
    data = burst.interleaved(4)
    assert data == b"".join(bytes(Interleaved(4, packet)) for packet in burst.packets)
    assert burst.interleaved(4) is data
    assert framed(5, b"abc") == bytes(Interleaved(5, b"abc"))


def test_a_report_ties_the_capture_time_to_the_timestamp() -> None:
    packer = stream()
    packer.pack(unit(0))
    report, description = rtcp.parse(packer.pack(unit(SECOND_NS)).report)
    assert report == rtcp.SenderReport(0xAB, rtcp.ntp_time(8 * SECOND_NS), 91_000, 3, 3006)
    assert description == rtcp.SourceDescription(0xAB, "front/raw@host")


@pytest.mark.parametrize("jump_s", [-3600, 20 * 365 * 86400, -(1 << 33)])
def test_a_set_clock_changes_the_report_and_no_timestamp(jump_s: int) -> None:
    packer = stream()
    packer.pack(unit(0))
    jumped = unit(SECOND_NS)
    jumped = jumped._replace(captured_utc_ns=jumped.captured_utc_ns + jump_s * SECOND_NS)
    burst = packer.pack(jumped)
    report, _ = rtcp.parse(burst.report)
    utc_ns = (8 + jump_s) * SECOND_NS
    assert report == rtcp.SenderReport(0xAB, rtcp.ntp_time(utc_ns), 91_000, 3, 3006)
    assert {Packet.parse(data).timestamp for data in burst.packets} == {91_000}


def test_reports_are_due_every_two_seconds() -> None:
    packer = stream()
    times_ns = [0, SECOND_NS, 2 * SECOND_NS, 3 * SECOND_NS, 4 * SECOND_NS]
    assert [packer.report_due(unit(time_ns)) for time_ns in times_ns] == [True, False] * 2 + [True]


def test_the_end_is_a_bye_in_a_whole_compound() -> None:
    packer = stream()
    packer.pack(unit(0))
    report, description, bye = rtcp.parse(packer.bye())
    assert isinstance(report, rtcp.SenderReport)
    assert isinstance(description, rtcp.SourceDescription)
    assert bye == rtcp.Bye((0xAB,))
