"""A running device among strangers: rubbish on its sockets harms nobody."""

import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
import zmq

from bus.messages import Frame, Health, Message
from bus.topics import endpoint
from tests.device.device import Device, free_port, running
from tests.device.viewer import Viewer

pytestmark = [pytest.mark.device, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def device(short_dir: Path) -> Iterator[Device]:
    text = f"""
[[camera]]
name = "front"
source = "scene:"
width = 320
height = 240
fps = 10
[[inference]]
name = "eye"
[rtsp]
port = {free_port()}
"""
    with running(short_dir, text) as device:
        yield device


@pytest.fixture
def unharmed(device: Device) -> Iterator[None]:
    """What happens in the test costs no frame and no process."""
    pids = {actor: device.pid(actor) for actor in device.actors}
    yield
    numbers: dict[str, list[int]] = {"camera-front": [], "overlay-front": []}

    def enough(message: Message) -> bool:
        if isinstance(message, Frame):
            numbers[message.ref.pool].append(message.seq)
        return all(len(some) > 20 for some in numbers.values())

    device.until(enough, "twenty frames of each kind")
    for pool, some in numbers.items():
        assert {b - a for a, b in pairwise(some)} == {1}, pool
    assert {actor: device.pid(actor) for actor in device.actors} == pids


@pytest.mark.usefixtures("unharmed")
def test_rubbish_on_the_bus(device: Device) -> None:
    noise = random.Random(1)  # noqa: S311 reproducible rubbish
    for actor in device.actors:
        path = endpoint(device.config.run, actor).removeprefix("ipc://")
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(path)
            raw.sendall(noise.randbytes(4096))
    with zmq.Context() as context:
        for actor in device.actors:
            address = endpoint(device.config.run, actor)
            with context.socket(zmq.XSUB) as stranger, context.socket(zmq.DEALER) as wrong:
                wrong.linger = 0
                wrong.connect(address)
                with suppress(zmq.Again):  # it may have been refused before it could ask
                    wrong.send(b"are you a server?", zmq.NOBLOCK)
                stranger.linger = 0
                stranger.connect(address)
                for rubbish in (b"", b"\x07rubbish", b"\x01" + noise.randbytes(300), b"\x00never"):
                    stranger.send(rubbish)
                stranger.send(b"\x01")  # everything, please
                assert stranger.poll(5000), actor


@pytest.mark.usefixtures("unharmed")
def test_rubbish_at_the_frame_pools(device: Device) -> None:
    for path in (device.config.run / "frames").glob("*.sock"):
        for _ in range(80):
            with socket.socket(socket.AF_UNIX) as raw, suppress(ConnectionError):
                raw.connect(str(path))
                raw.sendall(b"\x00" * 64)


def say(port: int, rubbish: bytes) -> None:
    """Send, then listen until the server ends it, which it must."""
    stranger = socket.create_connection(("127.0.0.1", port), 10)
    with stranger, suppress(ConnectionError):  # it may have had enough before the end
        stranger.sendall(rubbish)
        stranger.shutdown(socket.SHUT_WR)
        while stranger.recv(65536):
            pass


@pytest.mark.usefixtures("unharmed")
def test_rubbish_on_the_rtsp_port(device: Device) -> None:
    noise = random.Random(2)  # noqa: S311 reproducible rubbish
    with Viewer(device.url("front/raw")) as viewer:
        viewer.next()
        for rubbish in (
            noise.randbytes(10_000),
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"DESCRIBE " + b"a" * 100_000,
            b"OPTIONS * RTSP/1.0\r\nCSeq: x\r\nContent-Length: 99999999999\r\n\r\n",
            b"SETUP rtsp://x/front/raw RTSP/1.0\r\nCSeq: 1\r\nTransport: carrier-pigeon\r\n\r\n",
            b"PLAY rtsp://x/front/raw RTSP/1.0\r\nCSeq: 1\r\nSession: nobody\r\n\r\n",
            b"$\x00\xff\xff",
            b"\r\n" * 1000,
            b"",
        ):
            say(device.config.rtsp.port, rubbish)
        for _ in range(viewer.waiting() + 5):
            viewer.next()
    with Viewer(device.url("front/result")) as viewer:
        viewer.next()


def test_without_a_model_the_actor_says_so(device: Device) -> None:
    messages = device.until(
        lambda m: isinstance(m, Health) and m.stage == "inference" and m.state == "degraded",
        "inference is degraded",
    )
    said = messages[-1]
    assert isinstance(said, Health)
    assert "no model is active" in said.detail
