"""How packets reach viewers: as datagrams, between requests, and not at all."""

import re
import socket
from itertools import pairwise

from actors.rtsp import rtcp
from actors.rtsp.rtp import Packet
from tests.actors.rtsp.rig import DEADLINE_S, Client, Connect, House, udp


def test_datagrams_go_to_the_clients_ports(client: Client, receivers: list[socket.socket]) -> None:
    reply = client.ask("SETUP", "/front/raw", udp(receivers))
    ports = re.search(r"server_port=(\d+)-(\d+)", reply.headers["Transport"])
    assert ports
    assert int(ports[1]) % 2 == 0
    assert int(ports[2]) == int(ports[1]) + 1
    session = "Session", reply.headers["Session"].partition(";")[0]
    client.ask("PLAY", "/front/raw", session)
    rtp, control = receivers
    for end in receivers:
        end.settimeout(DEADLINE_S)
    data, sender = rtp.recvfrom(2048)
    assert Packet.parse(data).payload_type == 96
    assert sender == ("127.0.0.1", int(ports[1]))
    assert isinstance(rtcp.parse(control.recv(2048))[0], rtcp.SenderReport)


def test_a_large_picture_is_sent_whole_in_portions(
    house: House, client: Client, receivers: list[socket.socket]
) -> None:
    rtp = receivers[0]
    rtp.settimeout(DEADLINE_S)
    client.ask("PLAY", "/front/raw", client.set_up(udp(receivers)))
    house.show(size=200_000)
    received = 0
    while received < 200_000:
        received += len(Packet.parse(rtp.recv(2048)).payload)


def test_a_udp_session_lives_by_receiver_reports_alone(
    house: House, client: Client, receivers: list[socket.socket]
) -> None:
    reply = client.ask("SETUP", "/front/raw", udp(receivers))
    session = "Session", reply.headers["Session"].partition(";")[0]
    ports = re.search(r"server_port=\d+-(\d+)", reply.headers["Transport"])
    assert ports
    client.ask("PLAY", "/front/raw", session)
    for _ in range(3):
        house.tick(50)
        receivers[1].sendto(bytes(rtcp.ReceiverReport(7)), ("127.0.0.1", int(ports[1])))
        receivers[1].sendto(b"no report", ("127.0.0.1", int(ports[1])))
        client.ask("OPTIONS", "*")  # the report was there before: it is handled before
        client.ask("OPTIONS", "*")
    assert house.viewers == {"front/raw": 1}
    house.tick(61)
    house.wait_for(lambda: house.viewers == {})
    client.until_ended()


def test_a_udp_session_lives_by_requests_of_any_connection(
    house: House, connect: Connect, receivers: list[socket.socket]
) -> None:
    first = connect(house)
    session = first.set_up(udp(receivers))
    first.ask("PLAY", "/front/raw", session)
    first.socket.close()
    for _ in range(3):
        house.tick(50)
        reply = connect(house).ask("GET_PARAMETER", "/front/raw", session)
        assert reply.headers["Session"] == f"{session[1]};timeout=60"
    assert house.viewers == {"front/raw": 1}
    assert connect(house).ask("TEARDOWN", "/front/raw", session).status == 200
    house.wait_for(lambda: house.viewers == {})


def test_a_closed_port_ends_that_session_only(
    house: House, connect: Connect, receivers: list[socket.socket]
) -> None:
    gone, other = connect(house), connect(house)
    gone.ask("PLAY", "/front/raw", gone.set_up(udp(receivers)))
    other.ask("PLAY", "/front/raw", other.set_up())
    assert house.viewers == {"front/raw": 2}
    for end in receivers:
        end.close()

    def shown() -> bool:
        house.show()
        other.ask("OPTIONS", "*")
        return house.viewers == {"front/raw": 1}

    assert any(shown() for _ in range(20))


def test_a_slow_viewer_loses_pictures_and_the_other_none(house: House, connect: Connect) -> None:
    slow, quick = connect(house), connect(house)
    for client in (slow, quick):
        client.ask("PLAY", "/front/raw", client.set_up())
    quick.frames.clear()
    count = 60
    for _ in range(count):
        house.show(size=100_000)
        quick.until_picture()
    numbers = [packet.sequence_number for packet in quick.packets()]
    steps = {(after - before) % 65536 for before, after in pairwise(numbers)}
    assert steps == {1}
    house.show()
    quick.ask("OPTIONS", "*")
    house.tick()
    quick.ask("OPTIONS", "*")
    house.follow()
    assert 0 < house.lost < count
    lost = house.lost

    slow.send("OPTIONS", "*")
    slow.reply()  # reading again drains it
    house.show(key_frame=True)
    slow.frames.clear()
    slow.until(lambda: any(packet.payload[0] & 0x1F == 24 for packet in slow.packets()))
    house.follow()
    assert house.lost == lost
