"""RTP packets, RFC 3550 section 5.1 (pure)."""

import struct
from dataclasses import dataclass
from typing import Self

RTP_VERSION = 2
RTP_HEADER_SIZE = 12
CLOCK_RATE_HZ = 90_000  # RFC 6184 section 8.2.1
DYNAMIC_PAYLOAD_TYPE = 96

_HEADER = struct.Struct("!BBHII")
_MARKER = 0x80


@dataclass(frozen=True)
class Packet:
    """A packet without padding, extension or contributing sources: all that is sent here."""

    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, data: bytes) -> Self:
        if len(data) < RTP_HEADER_SIZE:
            raise ValueError("RTP packet is shorter than its fixed header")
        first, second, sequence_number, timestamp, ssrc = _HEADER.unpack_from(data)
        if first >> 6 != RTP_VERSION:
            raise ValueError(f"RTP version {first >> 6}: only {RTP_VERSION} is known")
        if first & 0x3F:
            raise ValueError("RTP packet has padding, an extension or contributing sources")
        payload_type, marker = second & ~_MARKER, bool(second & _MARKER)
        payload = data[RTP_HEADER_SIZE:]
        return cls(payload_type, sequence_number, timestamp, ssrc, payload, marker)

    def __bytes__(self) -> bytes:
        second = self.payload_type | (_MARKER if self.marker else 0)
        header = _HEADER.pack(
            RTP_VERSION << 6, second, self.sequence_number, self.timestamp, self.ssrc
        )
        return header + self.payload


def timestamp(time_ns: int, offset: int) -> int:
    """A time in the 90 kHz clock, from a random offset, modulo 2**32."""
    return (time_ns * CLOCK_RATE_HZ // 1_000_000_000 + offset) & 0xFFFF_FFFF
