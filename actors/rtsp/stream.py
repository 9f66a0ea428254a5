"""One stream's RTP and RTCP: made once, the same bytes for every viewer (pure).

Sequence numbers and timestamps are the stream's, not a viewer's, and go on for as long as the
server lives, whatever becomes of the camera behind it.
"""

from typing import NamedTuple

from actors.rtsp import rtcp
from actors.rtsp.h264 import AccessUnit, payloads
from actors.rtsp.protocol import INTERLEAVED
from actors.rtsp.rtp import DYNAMIC_PAYLOAD_TYPE, RTP_HEADER_SIZE, Packet, timestamp

REPORT_INTERVAL_NS = 2_000_000_000


class Start(NamedTuple):
    """Where a stream's RTP begins: two values that RFC 3550 wants random, and the source."""

    ssrc: int
    sequence_number: int
    offset: int


class Burst:
    """The packets of one access unit or of its beginning, and a report that goes with it."""

    def __init__(self, packets: list[bytes], unit: AccessUnit, report: bytes) -> None:
        self.packets, self.report = packets, report
        self.key_frame, self.begun = unit.key_frame, unit.begun
        self.first = Packet.parse(packets[0])
        self._framed: dict[int, bytes] = {}

    def interleaved(self, channel: int) -> bytes:
        """All packets, framed for one channel: one write for a viewer."""
        if channel not in self._framed:
            self._framed[channel] = b"".join(framed(channel, packet) for packet in self.packets)
        return self._framed[channel]


def framed(channel: int, packet: bytes) -> bytes:
    """As `protocol.Interleaved`, in the one line that runs for each packet."""
    return b"%c%c%b%b" % (INTERLEAVED, channel, len(packet).to_bytes(2), packet)


class Stream:
    """Packs access units. `report_due` of a burst's time says when everyone gets a report."""

    def __init__(self, start: Start, cname: str) -> None:
        self.ssrc, self._sequence_number, self._offset = start
        self._description = rtcp.SourceDescription(self.ssrc, cname)
        self._packet_count = self._octet_count = 0
        self._reported_ns: int | None = None
        self._last = (0, 0)  # captured_ns, captured_utc_ns

    def pack(self, unit: AccessUnit) -> Burst:
        time = timestamp(unit.captured_ns, self._offset)
        self._last = unit.captured_ns, unit.captured_utc_ns
        packets = [self._packet(time, payload) for payload in payloads(unit.nals)]
        if not unit.begun:
            packets[-1] = _marked(packets[-1])
        report = rtcp.compound(self._report(), self._description)
        self._packet_count += len(packets)
        self._octet_count += sum(map(len, packets)) - RTP_HEADER_SIZE * len(packets)
        return Burst(packets, unit, report)

    def report_due(self, unit: AccessUnit) -> bool:
        """Whether all viewers are to get the burst's report; one that begins always does."""
        last = self._reported_ns
        due = last is None or abs(unit.captured_ns - last) >= REPORT_INTERVAL_NS
        if due:
            self._reported_ns = unit.captured_ns
        return due

    def bye(self) -> bytes:
        """What is sent when the stream ends."""
        return rtcp.compound(self._report(), self._description, rtcp.Bye((self.ssrc,)))

    def _packet(self, time: int, payload: bytes) -> bytes:
        number = self._sequence_number
        self._sequence_number = number + 1 & 0xFFFF
        return bytes(Packet(DYNAMIC_PAYLOAD_TYPE, number, time, self.ssrc, payload))

    def _report(self) -> rtcp.SenderReport:
        """Capture time as wall clock beside the same time on the RTP clock."""
        captured_ns, captured_utc_ns = self._last
        return rtcp.SenderReport(
            self.ssrc,
            rtcp.ntp_time(captured_utc_ns),
            timestamp(captured_ns, self._offset),
            self._packet_count & 0xFFFF_FFFF,
            self._octet_count & 0xFFFF_FFFF,
        )


def _marked(packet: bytes) -> bytes:
    """The marker bit: the last packet of an access unit, RFC 6184 section 5.1."""
    return bytes((packet[0], packet[1] | 0x80)) + packet[2:]
