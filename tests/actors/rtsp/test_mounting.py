"""Streams that are switched off and on while clients are there."""

import select
import socket

import pytest

from actors.rtsp import rtcp
from actors.settings import Settings
from tests.actors.rtsp.rig import DEADLINE_S, TCP, Client, Connect, House, udp

RAW_OFF = Settings(raw_stream=False)


def test_what_is_off_is_not_found_and_what_is_on_again_is(house: House, client: Client) -> None:
    house.want(RAW_OFF)
    for path in ("/front/raw", "/back/raw", "/raw", "/rawTCP", "/h264raw"):
        assert client.ask("DESCRIBE", path).status == 404
        assert client.ask("SETUP", path, TCP).status == 404
    assert client.ask("DESCRIBE", "/result").status == 200
    house.want(Settings())
    client.ask("PLAY", "/front/raw", client.set_up())
    client.until(lambda: bool(client.packets()))


def test_only_the_viewers_of_what_is_off_are_told_and_let_go(
    house: House, connect: Connect
) -> None:
    gone, paused, stays = connect(house), connect(house), connect(house)
    gone.ask("PLAY", "/front/raw", gone.set_up())
    paused.set_up()
    stays.ask("PLAY", "/front/result", stays.set_up(path="/front/result"))
    house.want(RAW_OFF)
    gone.until_ended()
    paused.until_ended()
    assert isinstance(rtcp.parse(gone.frames[-1].payload)[-1], rtcp.Bye)
    house.wait_for(lambda: house.viewers == {"front/result": 1})
    stays.frames.clear()
    house.show("front/result")
    stays.until_picture()
    reports = [rtcp.parse(frame.payload) for frame in stays.frames if frame.channel == 1]
    assert not any(isinstance(report[-1], rtcp.Bye) for report in reports)
    assert stays.ask("OPTIONS", "*").status == 200


def test_another_name_of_the_same_stream_may_be_off_by_itself(
    house: House, connect: Connect
) -> None:
    gone, stays = connect(house), connect(house)
    gone.ask("PLAY", "/h264raw", gone.set_up(path="/h264raw"))
    stays.ask("PLAY", "/raw", stays.set_up(path="/raw"))
    house.want(Settings(h264_stream=False))
    gone.until_ended()
    house.wait_for(lambda: house.viewers == {"front/raw": 1})
    house.show()
    stays.until_picture()


def test_a_connection_with_another_session_stays(house: House, client: Client) -> None:
    for path in ("/front/raw", "/front/result"):
        client.ask("PLAY", path, client.set_up(path=path))
    house.want(RAW_OFF)
    house.wait_for(lambda: house.viewers == {"front/result": 1})
    house.show("front/result")
    client.until(lambda: any(frame.channel == 2 for frame in client.frames))
    assert client.ask("OPTIONS", "*").status == 200


def test_a_viewer_by_datagrams_is_told_too(
    house: House, client: Client, receivers: list[socket.socket]
) -> None:
    client.ask("PLAY", "/front/raw", client.set_up(udp(receivers)))
    house.want(RAW_OFF)
    client.until_ended()
    receivers[1].settimeout(DEADLINE_S)
    while not isinstance(rtcp.parse(receivers[1].recv(2048))[-1], rtcp.Bye):
        pass


def test_who_waits_for_the_first_picture_is_answered_at_once(house: House, client: Client) -> None:
    """On a connection that another session keeps open."""
    client.ask("PLAY", "/front/result", client.set_up(path="/front/result"))
    session = client.set_up()
    client.send("PLAY", "/front/raw", session)
    poll = select.poll()
    poll.register(house.wake.fd, select.POLLIN)
    assert poll.poll(DEADLINE_S * 1000)
    assert house.server.demand.take().viewers["front/raw"] == 1  # asked, and not begun
    house.want(RAW_OFF)
    assert client.reply().status == 454
    assert client.packets() != []


@pytest.mark.parametrize("wanted", [Settings(), Settings(stream_fps=5, log_level="debug")])
def test_what_changes_no_stream_disturbs_no_viewer(
    house: House, client: Client, wanted: Settings
) -> None:
    client.ask("PLAY", "/front/raw", client.set_up())
    house.want(wanted)
    house.show()
    client.until_picture()
    assert house.viewers == {"front/raw": 1}
