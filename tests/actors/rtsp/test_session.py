"""Session states and transports."""

import pytest

from actors.rtsp.session import Session, State, Transport, choose_transport


@pytest.mark.parametrize(
    ("header", "transport"),
    [
        ("RTP/AVP/UDP;unicast;client_port=20498-20499", Transport("UDP", 20498)),
        ("RTP/AVP;unicast;client_port=5000", Transport("UDP", 5000)),
        ("RTP/AVP/TCP;unicast;interleaved=0-1", Transport("TCP", 0)),
        ("RTP/AVP/TCP;unicast", Transport("TCP", 0)),
        ("RTP/AVP;multicast,RTP/AVP/TCP;interleaved=4-5;mode=play", Transport("TCP", 4)),
        ('RTP/AVP;unicast;client_port=6-7;mode="PLAY"', Transport("UDP", 6)),
    ],
)
def test_the_first_offer_that_can_be_served_is_taken(header: str, transport: Transport) -> None:
    assert choose_transport(header) == transport


@pytest.mark.parametrize(
    "header",
    [
        "",
        "RTP/AVP;multicast",
        "RTP/AVP;unicast",
        "RTP/AVP;unicast;client_port=0-1",
        "RTP/AVP;unicast;client_port=65535-65536",
        "RTP/AVP;unicast;client_port=5-9",
        "RTP/AVP/TCP;interleaved=255-256",
        "RTP/AVP;unicast;client_port=5000-5001;mode=record",
        "RTP/SAVP;unicast;client_port=5000-5001",
        "RAW/RAW/UDP;unicast;client_port=5000-5001",
    ],
)
def test_other_offers_are_not(header: str) -> None:
    assert choose_transport(header) is None


def test_channels_in_use_are_not_given_twice() -> None:
    assert choose_transport("RTP/AVP/TCP;interleaved=0-1", [0, 2]) == Transport("TCP", 4)
    assert choose_transport("RTP/AVP/TCP;interleaved=1-2", [0]) == Transport("TCP", 2)


def test_the_answer_names_both_sides() -> None:
    assert Transport("UDP", 20498).header(0xABC, 50000) == (
        "RTP/AVP;unicast;client_port=20498-20499;server_port=50000-50001;ssrc=00000ABC"
    )
    assert Transport("TCP", 2).header(1) == "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=00000001"


def session(transport: Transport = Transport("UDP", 5000)) -> Session:  # noqa: B008 immutable
    return Session("id", "front/raw", "raw", transport, last_seen_ns=0)


def test_a_session_goes_through_its_states() -> None:
    found = session()
    assert not found.step("PLAY")
    for method, state in (
        ("SETUP", State.READY),
        ("PLAY", State.PLAYING),
        ("PLAY", State.PLAYING),
        ("PAUSE", State.READY),
        ("PLAY", State.PLAYING),
        ("TEARDOWN", State.INIT),
    ):
        assert found.step(method)
        assert found.state is state
    assert not found.step("PAUSE")


def test_a_silent_session_expires_unless_its_connection_keeps_it() -> None:
    udp, tcp = session(), session(Transport("TCP", 0))
    for found in (udp, tcp):
        found.step("SETUP")
        assert found.expired(61, 60)
        found.step("PLAY")
    assert udp.expired(61, 60)
    assert not udp.expired(60, 60)
    assert not tcp.expired(61, 60)
