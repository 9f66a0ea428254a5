"""The conversation with clients, on loopback ports."""

import select
import socket

import pytest

from actors.rtsp import rtcp
from actors.rtsp.h264 import NAL_TYPE_AUD, NAL_TYPE_STAP_A
from tests.actors.rtsp.rig import DEADLINE_S, TCP, Client, Connect, House, Start


def test_options_name_the_methods(client: Client) -> None:
    for path in ("*", "/front/raw", "/none"):
        reply = client.ask("OPTIONS", path)
        assert reply.status == 200
        assert "GET_PARAMETER" in reply.headers["Public"]


@pytest.mark.parametrize("path", ["/front/raw", "/rawTCP/", "/back/result?x=1"])
def test_describe_asks_the_encoder(client: Client, path: str) -> None:
    reply = client.ask("DESCRIBE", path, ("Accept", "application/sdp"))
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/sdp"
    base = f"{client.url}{path.partition('?')[0].rstrip('/')}/"
    assert reply.headers["Content-Base"] == base
    assert b"sprop-parameter-sets=" in reply.body


def test_describe_gives_up_when_the_encoder_is_silent(house: House, client: Client) -> None:
    client.send("DESCRIBE", "/front/raw")
    poll = select.poll()
    poll.register(house.wake.fd, select.POLLIN)
    assert poll.poll(DEADLINE_S * 1000)
    house.server.demand.take()  # asked, not answered
    house.tick(5)
    assert client.reply().status == 503


@pytest.mark.parametrize(
    ("method", "path", "header", "status"),
    [
        ("DESCRIBE", "/none", TCP, 404),
        ("DESCRIBE", "/front/raw", ("Accept", "text/html"), 406),
        ("RECORD", "/front/raw", TCP, 501),
        ("SETUP", "/front/raw", ("Transport", "RTP/AVP;multicast"), 461),
        ("SETUP", "/front/raw", ("Session", "unknown"), 454),
        ("PLAY", "/front/raw", ("Session", "unknown"), 454),
        ("PLAY", "/front/raw", TCP, 454),
        ("GET_PARAMETER", "/front/raw", ("Session", "unknown"), 454),
        ("OPTIONS", "*", ("Require", "wings"), 551),
    ],
)
def test_faults_have_their_status_and_the_connection_goes_on(
    client: Client, method: str, path: str, header: tuple[str, str], status: int
) -> None:
    assert client.ask(method, path, header).status == status
    assert client.ask("OPTIONS", "*").status == 200


def test_a_viewer_gets_a_report_and_a_key_frame_after_the_answer(
    house: House, client: Client
) -> None:
    session = client.set_up()
    reply = client.ask("PLAY", "/front/raw/", session, ("Range", "npt=0.000-"))
    assert reply.status == 200
    assert reply.headers["Range"] == "npt=now-"
    client.until(lambda: len(client.packets()) > 1)
    report, (packet, sets) = client.frames[0], client.packets()[:2]
    assert report.channel == 1
    sender, description = rtcp.parse(report.payload)
    assert isinstance(sender, rtcp.SenderReport)
    assert isinstance(description, rtcp.SourceDescription)
    assert sender.rtp_timestamp == packet.timestamp
    assert sender.ntp_time == rtcp.ntp_time(house.now_ns)
    assert reply.headers["RTP-Info"] == (
        f"url={client.url}/front/raw/trackID=0;"
        f"seq={packet.sequence_number};rtptime={packet.timestamp}"
    )
    assert packet.payload[0] & 0x1F == NAL_TYPE_AUD
    assert sets.payload[0] & 0x1F == NAL_TYPE_STAP_A  # the parameter sets


def test_all_viewers_get_the_same_packets(house: House, connect: Connect) -> None:
    clients = [connect(house) for _ in range(3)]
    for client, path in zip(clients, ("/front/raw", "/raw", "/h264raw"), strict=True):
        client.ask("PLAY", path, client.set_up(path=path))
    assert house.viewers == {"front/raw": 3}
    house.show()
    for client in clients:
        client.until_picture()
    last = [client.packets()[-1] for client in clients]
    assert last[0] == last[1] == last[2]


def test_pause_stops_and_play_goes_on_from_a_key_frame(house: House, client: Client) -> None:
    session = client.set_up()
    client.ask("PLAY", "/front/raw", session)
    assert client.ask("PAUSE", "/front/raw", session).status == 200
    house.wait_for(lambda: house.viewers == {})
    client.frames.clear()
    house.show()
    assert client.ask("OPTIONS", "*").status == 200
    assert client.packets() == []
    assert client.ask("PLAY", "/front/raw", session).status == 200
    client.until(lambda: bool(client.packets()))


def test_teardown_ends_the_session_and_leaves_the_connection(house: House, client: Client) -> None:
    session = client.set_up()
    client.ask("PLAY", "/front/raw", session)
    assert client.ask("TEARDOWN", "/front/raw", session).status == 200
    house.wait_for(lambda: house.viewers == {})
    assert client.ask("PLAY", "/front/raw", session).status == 454
    again = client.set_up()
    assert client.ask("PLAY", "/front/raw", again).status == 200


def test_a_session_has_one_stream_and_one_transport(client: Client) -> None:
    session = client.set_up()
    assert client.ask("SETUP", "/front/raw", TCP, session).status == 455
    assert client.ask("SETUP", "/back/raw", TCP, session).status == 459
    assert client.ask("PLAY", "/back/raw", session).status == 454


def test_two_streams_share_a_connection(house: House, client: Client) -> None:
    first = client.set_up(path="/front/raw")
    second = client.set_up(path="/back/raw")
    client.ask("PLAY", "/front/raw", first)
    client.ask("PLAY", "/back/raw", second)
    house.show("back/raw")
    client.until(lambda: {0, 2} <= {frame.channel for frame in client.frames})


def test_an_interleaved_session_is_its_connections_own(house: House, connect: Connect) -> None:
    owner, other = connect(house), connect(house)
    session = owner.set_up()
    for method in ("PLAY", "PAUSE", "TEARDOWN"):
        assert other.ask(method, "/front/raw", session).status == 454
    assert owner.ask("PLAY", "/front/raw", session).status == 200


def test_an_interleaved_session_ends_with_its_connection(house: House, client: Client) -> None:
    client.ask("PLAY", "/front/raw", client.set_up())
    client.socket.close()
    house.wait_for(lambda: house.viewers == {})


def test_garbage_is_answered_and_closed_and_others_go_on(
    house: House, connect: Connect, client: Client
) -> None:
    for garbage in (b"\x16\x03\x01" + bytes(range(256)), b"GET / HTTP/1.0\r\n\r\n", b"A" * 9000):
        foreign = connect(house)
        foreign.socket.sendall(garbage)
        assert foreign.reply().status == 400
        foreign.until_ended()
    assert client.ask("OPTIONS", "*").status == 200
    assert house.server._malformed == 3


def test_a_connection_without_purpose_is_closed(house: House, connect: Connect) -> None:
    idle, watching = connect(house), connect(house)
    idle.ask("OPTIONS", "*")
    watching.ask("PLAY", "/front/raw", watching.set_up())
    house.tick(16)
    idle.until_ended()
    assert watching.ask("OPTIONS", "*").status == 200


def test_a_session_that_never_plays_expires_with_its_connection(
    house: House, client: Client
) -> None:
    client.set_up()
    house.tick(50)
    house.tick(11)
    house.tick(0.1)
    client.until_ended()


def test_too_many_connections_are_turned_away(house: House, connect: Connect) -> None:
    clients = [connect(house) for _ in range(100)]
    for client in clients:
        client.ask("OPTIONS", "*")
    connect(house).until_ended()
    assert clients[0].ask("OPTIONS", "*").status == 200


def test_with_users_a_stranger_gets_both_challenges(start: Start, connect: Connect) -> None:
    client = connect(start(users={"ann": "secret"}))
    assert client.ask("OPTIONS", "*").status == 200
    assert client.ask("DESCRIBE").status == 401
    assert client.ask("SETUP", "/front/raw", TCP).status == 401


def test_a_port_in_use_is_told_and_tried_again(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        house = start(port=port)
        wanted = f"port {port} is in use by another program: set [rtsp] port"
        assert house.trouble == wanted
        house.tick(0.5)
        assert house.trouble == wanted
    house.tick(0.6)
    assert house.trouble == ""
    assert house.server.port == port


def test_an_address_of_nobody_here_is_told(start: Start) -> None:
    house = start(host="192.0.2.1")
    assert house.trouble == "no interface has the address 192.0.2.1: set [rtsp] host"


def test_at_the_end_viewers_are_told(house: House, connect: Connect) -> None:
    playing, idle = connect(house), connect(house)
    idle.ask("OPTIONS", "*")
    playing.ask("PLAY", "/front/raw", playing.set_up())
    house.server.close()
    playing.until_ended()
    idle.until_ended()
    last = rtcp.parse(playing.frames[-1].payload)
    assert isinstance(last[-1], rtcp.Bye)


def test_a_dead_thread_is_found_out(house: House) -> None:
    house.server._loop.call_soon_threadsafe(house.server._stopped.set)
    house.server._thread.join(DEADLINE_S)
    with pytest.raises(RuntimeError, match="thread died"):
        house.tick()
