"""RTSP sessions: their states and transports, RFC 2326 sections 12.39 and A.2 (pure)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple

TIMEOUT_S = 60
HIGHEST_CHANNEL = 254  # its RTCP goes on the next one
HIGHEST_PORT = 65534


class State(Enum):
    """A.2: what was agreed on so far."""

    INIT = "Init"
    READY = "Ready"
    PLAYING = "Playing"


NEXT: dict[tuple[State, str], State] = {
    (State.INIT, "SETUP"): State.READY,
    (State.READY, "PLAY"): State.PLAYING,
    (State.READY, "PAUSE"): State.READY,
    (State.PLAYING, "PLAY"): State.PLAYING,
    (State.PLAYING, "PAUSE"): State.READY,
    (State.READY, "TEARDOWN"): State.INIT,
    (State.PLAYING, "TEARDOWN"): State.INIT,
}


class Transport(NamedTuple):
    """One way to send: RTP's port or channel, RTCP has the next one."""

    lower: Literal["UDP", "TCP"]
    rtp: int  # UDP: the client's port; TCP: the interleaved channel

    def header(self, ssrc: int, server_port: int = 0) -> str:
        """The `Transport` of the response to SETUP."""
        pair = f"{self.rtp}-{self.rtp + 1}"
        if self.lower == "TCP":
            return f"RTP/AVP/TCP;unicast;interleaved={pair};ssrc={ssrc:08X}"
        ports = f"client_port={pair};server_port={server_port}-{server_port + 1}"
        return f"RTP/AVP;unicast;{ports};ssrc={ssrc:08X}"


def choose_transport(header: str, taken: Iterable[int] = ()) -> Transport | None:
    """The first offer that can be served, in the client's order. `taken`: RTP channels in use.

    UDP goes to where the request came from and nowhere else: `destination` is ignored.
    """
    for offer in header.split(","):
        spec, *parameters = (part.strip() for part in offer.split(";"))
        named = dict(part.lower().partition("=")[::2] for part in parameters)
        if "multicast" in named or named.get("mode", "play").strip('"') != "play":
            continue
        transport = _transport(spec.upper(), named, set(taken))
        if transport:
            return transport
    return None


def _transport(spec: str, named: dict[str, str], taken: set[int]) -> Transport | None:
    if spec in {"RTP/AVP", "RTP/AVP/UDP"}:
        port = _first_of_pair(named.get("client_port", ""))
        return Transport("UDP", port) if port and port <= HIGHEST_PORT else None
    if spec != "RTP/AVP/TCP":
        return None
    channel = _first_of_pair(named.get("interleaved", ""))
    if channel is None or any(abs(channel - used) <= 1 for used in taken):
        channel = max(taken, default=-2) + 2
    return Transport("TCP", channel) if channel <= HIGHEST_CHANNEL else None


def _first_of_pair(pair: str) -> int | None:
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", pair)
    if not match or (match[2] and int(match[2]) != int(match[1]) + 1):
        return None
    return int(match[1])


@dataclass
class Session:
    """One viewer's agreement with us about one stream."""

    id: str
    stream: str
    mount: str
    transport: Transport
    last_seen_ns: int
    state: State = State.INIT

    def step(self, method: str) -> bool:
        """Go to the method's state; False where the method is not valid (455)."""
        after = NEXT.get((self.state, method))
        if after:
            self.state = after
        return after is not None

    def expired(self, now_ns: int, timeout_ns: int) -> bool:
        """Not heard of for longer than was promised. Interleaved ones end as they play: with
        their connection."""
        interleaved = self.transport.lower == "TCP" and self.state is State.PLAYING
        return not interleaved and now_ns - self.last_seen_ns > timeout_ns
