"""RTCP packets, RFC 3550 section 6 (pure). `parse` reads a compound, `compound` writes one."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RTCP_SR, RTCP_RR, RTCP_SDES, RTCP_BYE = 200, 201, 202, 203
SDES_CNAME = 1
NTP_EPOCH_S = 2_208_988_800  # 1 January 1970, counted from 1900

_HEADER = struct.Struct("!BBH")
_SENDER_INFO = struct.Struct("!IQIII")
_REPORT_BLOCK = struct.Struct("!IB3sIIII")
_WORD = 4
_COUNT = 0x1F


@dataclass(frozen=True)
class ReportBlock:
    """What a receiver says of one source."""

    ssrc: int
    fraction_lost: int  # of 256
    packets_lost: int  # 24 bits, signed
    highest_sequence: int
    jitter: int
    lsr: int
    dlsr: int

    def __bytes__(self) -> bytes:
        lost = self.packets_lost.to_bytes(3, signed=True)
        return _REPORT_BLOCK.pack(
            self.ssrc,
            self.fraction_lost,
            lost,
            self.highest_sequence,
            self.jitter,
            self.lsr,
            self.dlsr,
        )


@dataclass(frozen=True)
class SenderReport:
    """SR. `ntp_time` and `rtp_timestamp` name the same instant."""

    ssrc: int
    ntp_time: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    reports: tuple[ReportBlock, ...] = ()

    def __bytes__(self) -> bytes:
        info = _SENDER_INFO.pack(
            self.ssrc, self.ntp_time, self.rtp_timestamp, self.packet_count, self.octet_count
        )
        return _packet(RTCP_SR, len(self.reports), info + b"".join(map(bytes, self.reports)))


@dataclass(frozen=True)
class ReceiverReport:
    """RR: a viewer is alive, and how well it receives."""

    ssrc: int
    reports: tuple[ReportBlock, ...] = ()

    def __bytes__(self) -> bytes:
        body = self.ssrc.to_bytes(4) + b"".join(map(bytes, self.reports))
        return _packet(RTCP_RR, len(self.reports), body)


@dataclass(frozen=True)
class SourceDescription:
    """SDES with the one item that must be there."""

    ssrc: int
    cname: str

    def __bytes__(self) -> bytes:
        cname = self.cname.encode()
        chunk = self.ssrc.to_bytes(4) + bytes((SDES_CNAME, len(cname))) + cname
        return _packet(RTCP_SDES, 1, chunk + bytes(_WORD - len(chunk) % _WORD))


@dataclass(frozen=True)
class Bye:
    """BYE: these sources send no more."""

    sources: tuple[int, ...]

    def __bytes__(self) -> bytes:
        body = b"".join(source.to_bytes(4) for source in self.sources)
        return _packet(RTCP_BYE, len(self.sources), body)


Packet = SenderReport | ReceiverReport | SourceDescription | Bye


def ntp_time(utc_ns: int) -> int:
    """64-bit NTP time: seconds since 1900, and 2**-32 fractions of one."""
    seconds, rest_ns = divmod(utc_ns, 1_000_000_000)
    return ((seconds + NTP_EPOCH_S) << 32 | (rest_ns << 32) // 1_000_000_000) & (1 << 64) - 1


def compound(*packets: Packet) -> bytes:
    """One datagram. RFC 3550 section 6.1: it starts with SR or RR, and has an SDES."""
    return b"".join(map(bytes, packets))


def parse(data: bytes) -> list[Packet]:
    """The packets of a compound; other types are passed over. `ValueError` if it is none."""
    packets: list[Packet] = []
    if not data:
        raise ValueError("RTCP packet is empty")
    while data:
        if len(data) < _HEADER.size:
            raise ValueError("RTCP packet is shorter than its header")
        first, kind, words = _HEADER.unpack_from(data)
        if first >> 6 != 2:  # noqa: PLR2004 the version
            raise ValueError(f"RTCP version {first >> 6}: only 2 is known")
        end = (words + 1) * _WORD
        if len(data) < end:
            raise ValueError("RTCP packet is shorter than its length field says")
        if kind in _PARSERS:
            packet = _PARSERS[kind](first & _COUNT, data[_HEADER.size : end])
            packets += [packet] if packet else []
        data = data[end:]
    return packets


def _parse_receiver_report(count: int, body: bytes) -> ReceiverReport:
    return ReceiverReport(_word(body, 0), _blocks(body, _WORD, count))


def _parse_bye(count: int, body: bytes) -> Bye:
    return Bye(tuple(_word(body, at * _WORD) for at in range(count)))


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(2 << 6 | count, kind, len(body) // _WORD) + body


def _parse_sender_report(count: int, body: bytes) -> SenderReport:
    if len(body) < _SENDER_INFO.size:
        raise ValueError("RTCP sender report is shorter than its sender info")
    ssrc, ntp, rtp, packets, octets = _SENDER_INFO.unpack_from(body)
    reports = _blocks(body, _SENDER_INFO.size, count)
    return SenderReport(ssrc, ntp, rtp, packets, octets, reports)


def _parse_source_description(count: int, body: bytes) -> SourceDescription | None:
    if count != 1:
        return None
    ssrc, items = _word(body, 0), body[_WORD:]
    if items[:1] != bytes((SDES_CNAME,)):
        return None
    if len(items) < 2 or len(items) < 2 + items[1]:  # noqa: PLR2004 type and length
        raise ValueError("RTCP CNAME is truncated")
    return SourceDescription(ssrc, items[2 : 2 + items[1]].decode(errors="replace"))


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    if len(body) < at + count * _REPORT_BLOCK.size:
        raise ValueError("RTCP report block is truncated")
    return tuple(_block(body, at + n * _REPORT_BLOCK.size) for n in range(count))


def _block(body: bytes, at: int) -> ReportBlock:
    ssrc, fraction, lost, *rest = _REPORT_BLOCK.unpack_from(body, at)
    return ReportBlock(ssrc, fraction, int.from_bytes(lost, signed=True), *rest)


def _word(body: bytes, at: int) -> int:
    if len(body) < at + _WORD:
        raise ValueError("RTCP packet is shorter than its count field says")
    return int.from_bytes(body[at : at + _WORD])


def is_report(packets: Sequence[Packet]) -> bool:
    """Whether a viewer sent this to say that it lives."""
    return any(isinstance(packet, ReceiverReport | SenderReport) for packet in packets)


_PARSERS: dict[int, Callable[[int, bytes], Packet | None]] = {
    RTCP_SR: _parse_sender_report,
    RTCP_RR: _parse_receiver_report,
    RTCP_SDES: _parse_source_description,
    RTCP_BYE: _parse_bye,
}
