"""A server, its clients, and the players that this machine has."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.config import Config, Rtsp
from actors.rtsp.__main__ import run
from actors.rtsp.server import RtspServer
from actors.settings import Settings
from bus.frame_reader import FrameReader
from bus.testing import Script
from bus.wake import Wake
from tests.actors.rtsp.loop import CONFIG, Play, Shelf, Source, Step
from tests.actors.rtsp.rig import Client, Connect, House, Start


@pytest.fixture
def start() -> Iterator[Start]:
    houses: list[House] = []

    def started(**options: object) -> House:
        wake = Wake()
        config = Rtsp(**{"port": 0, **options})  # type: ignore[arg-type]
        houses.append(House(RtspServer(config, ["front", "back"], wake.set), wake))
        return houses[-1]

    yield started
    for house in houses:
        house.server.close()
        house.wake.close()


@pytest.fixture
def house(start: Start) -> House:
    return start()


@pytest.fixture
def connect() -> Iterator[Connect]:
    clients: list[Client] = []

    def connected(house: House) -> Client:
        clients.append(Client(house))
        return clients[-1]

    yield connected
    for client in clients:
        client.socket.close()


@pytest.fixture
def client(house: House, connect: Connect) -> Client:
    return connect(house)


@pytest.fixture
def receivers() -> Iterator[list[socket.socket]]:
    """A viewer's pair of UDP sockets on neighbouring ports."""
    pair: list[socket.socket] = []
    while len(pair) < 2:
        pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        pair[0].bind(("127.0.0.1", 0))
        try:
            pair[1].bind(("127.0.0.1", pair[0].getsockname()[1] + 1))
        except OSError:
            for end in pair:
                end.close()
            pair = []
    yield pair
    for end in pair:
        end.close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def source(run_dir: Path) -> Iterator[Source]:
    source = Source(run_dir)
    yield source
    source.close()


@pytest.fixture
def play(run_dir: Path, shelf: Shelf) -> Play:
    def played(
        *steps: Step, config: Config = CONFIG, desired: Callable[[], Settings] = Settings
    ) -> Script:
        script = Script(*steps)
        with FrameReader(run_dir) as frames:
            run(script, frames, shelf, config, desired)
        return script

    return played
