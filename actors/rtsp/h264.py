"""H.264 byte streams (Annex B) and their RTP payloads, RFC 6184 (pure)."""

import base64
from collections.abc import Iterator, Sequence
from typing import NamedTuple

START_CODE = b"\0\0\1"
NAL_TYPE_IDR, NAL_TYPE_SPS, NAL_TYPE_PPS, NAL_TYPE_AUD = 5, 7, 8, 9
NAL_TYPE_STAP_A, NAL_TYPE_FU_A = 24, 28
FU_A_HEADER_SIZE = 2
FU_START, FU_END = 0x80, 0x40
LONGEST_PAYLOAD = 1400  # with IP, UDP and RTP headers still below an Ethernet's 1500


class ParameterSets(NamedTuple):
    """What a decoder needs before the first picture, without start codes."""

    sps: bytes
    pps: bytes

    @property
    def profile_level_id(self) -> str:
        """The three bytes after the SPS's header, RFC 6184 section 8.1."""
        return self.sps[1:4].hex().upper()

    @property
    def sprop(self) -> str:
        """`sprop-parameter-sets`, RFC 6184 section 8.1."""
        return ",".join(base64.b64encode(unit).decode() for unit in self)


class AccessUnit(NamedTuple):
    """One coded picture: its NAL units, parameter sets first in a key frame, and its time.

    It may come in two pieces of the same time, `begun` being all but the last: its delimiter
    before it is encoded, then the rest. Many clients take a picture for complete when the next
    one begins, so each gets the last picture by one encoding sooner.
    """

    nals: list[bytes]
    key_frame: bool
    captured_ns: int
    captured_utc_ns: int
    begun: bool = False


def nal_type(nal: bytes) -> int:
    return nal[0] & 0x1F


def delimiter(*, key_frame: bool) -> bytes:
    """What may begin an access unit, H.264 section 7.3.2.4: only I slices follow, or P too."""
    return bytes((NAL_TYPE_AUD, 0x10 if key_frame else 0x30))


def split(stream: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream, without start codes and trailing zeros."""
    pieces = (piece.rstrip(b"\0") for piece in stream.split(START_CODE)[1:])
    return [piece for piece in pieces if piece]


def parameter_sets(stream: bytes) -> ParameterSets:
    """The first SPS and PPS of an Annex B byte stream."""
    found = {nal_type(nal): nal for nal in reversed(split(stream))}
    if NAL_TYPE_SPS not in found or NAL_TYPE_PPS not in found:
        raise ValueError("no SPS and PPS in the stream")
    return ParameterSets(found[NAL_TYPE_SPS], found[NAL_TYPE_PPS])


def payloads(nals: Sequence[bytes], longest: int = LONGEST_PAYLOAD) -> Iterator[bytes]:
    """RTP payloads of one access unit: parameter sets together, the rest whole or in pieces."""
    sets = [nal for nal in nals if nal_type(nal) in {NAL_TYPE_SPS, NAL_TYPE_PPS}]
    together = len(sets) > 1 and 1 + sum(2 + len(nal) for nal in sets) <= longest
    if together:
        yield _aggregate(sets)
    for nal in nals:
        if together and nal_type(nal) in {NAL_TYPE_SPS, NAL_TYPE_PPS}:
            continue
        if len(nal) <= longest:
            yield nal
        else:
            yield from _fragments(nal, longest)


def _aggregate(nals: Sequence[bytes]) -> bytes:
    """STAP-A, RFC 6184 section 5.7.1, as important as its most important unit."""
    header = max(nal[0] & 0x60 for nal in nals) | NAL_TYPE_STAP_A
    return bytes((header,)) + b"".join(len(nal).to_bytes(2) + nal for nal in nals)


def _fragments(nal: bytes, longest: int) -> Iterator[bytes]:
    """FU-A, RFC 6184 section 5.8."""
    indicator, kind = nal[0] & 0x60 | NAL_TYPE_FU_A, nal_type(nal)
    size = longest - FU_A_HEADER_SIZE
    for at in range(1, len(nal), size):
        start = FU_START if at == 1 else 0
        end = FU_END if at + size >= len(nal) else 0
        yield bytes((indicator, start | end | kind)) + nal[at : at + size]
