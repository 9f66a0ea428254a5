"""The short way, by hand: who connects when, who does not read, who talks nonsense."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.direct import MOST_SUBSCRIBERS, DirectPublisher, DirectSubscriber

TOPIC = b"frames/front/\0"


@pytest.fixture
def path(run_dir: Path) -> Path:
    return run_dir / "bus" / "camera-front.direct"


@pytest.fixture
def publisher(path: Path) -> Iterator[DirectPublisher]:
    publisher = DirectPublisher(path)
    yield publisher
    publisher.close()


@pytest.fixture
def subscriber(path: Path, publisher: DirectPublisher) -> Iterator[DirectSubscriber]:
    subscriber = DirectSubscriber(path, TOPIC)
    assert subscriber.connect()
    publisher.tend()
    yield subscriber
    subscriber.close()


def test_who_connected_before_a_send_gets_that_very_message(
    publisher: DirectPublisher, subscriber: DirectSubscriber
) -> None:
    publisher.send(TOPIC, b"one")
    publisher.send(b"frames/back/\0", b"not this one")
    publisher.send(TOPIC, b"two")
    assert [subscriber.receive() for _ in range(3)] == [b"one", b"two", None]
    assert subscriber.fd >= 0


def test_without_an_actor_there_is_no_connection(path: Path) -> None:
    subscriber = DirectSubscriber(path, TOPIC)
    assert not subscriber.connect()
    assert subscriber.fd == -1
    assert subscriber.receive() is None
    DirectPublisher(path).close()
    assert not path.exists()
    assert not subscriber.connect()


def test_a_dead_actor_is_noticed_after_its_last_message(path: Path) -> None:
    subscriber = DirectSubscriber(path, TOPIC)
    for _ in range(2):
        publisher = DirectPublisher(path)
        assert subscriber.connect()
        publisher.send(TOPIC, b"last words")
        publisher.close()
        assert subscriber.receive() == b"last words"
        assert subscriber.fd >= 0
        assert subscriber.receive() is None
        assert subscriber.fd == -1


def test_what_a_killed_actor_left_is_in_nobodys_way(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as left:
        left.bind(str(path))
    publisher, subscriber = DirectPublisher(path), DirectSubscriber(path, TOPIC)
    assert subscriber.connect()
    subscriber.close()
    publisher.close()


def test_who_does_not_read_loses_the_newest_and_holds_nobody_up(
    publisher: DirectPublisher, subscriber: DirectSubscriber, path: Path
) -> None:
    lazy = DirectSubscriber(path, TOPIC)
    assert lazy.connect()
    for number in range(2000):
        publisher.send(TOPIC, b"%d" % number)
        assert subscriber.receive() == b"%d" % number
    kept = iter(lazy.receive, None)
    numbers = [int(wire) for wire in kept if wire]
    assert numbers == list(range(len(numbers)))
    assert 10 < len(numbers) < 2000
    lazy.close()


def test_one_that_says_nothing_or_nonsense_gets_nothing(
    publisher: DirectPublisher, subscriber: DirectSubscriber, path: Path
) -> None:
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as silent,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as rude,
    ):
        for peer in (silent, rude):
            peer.connect(str(path))
            peer.settimeout(0)
        rude.send(b"\xff" * 10000)
        publisher.send(TOPIC, b"one")
        for peer in (silent, rude):
            with pytest.raises(BlockingIOError):
                peer.recv(100)
    publisher.send(TOPIC, b"two")
    assert [subscriber.receive(), subscriber.receive()] == [b"one", b"two"]


def test_there_is_room_again_once_others_have_left(publisher: DirectPublisher, path: Path) -> None:
    crowd = [DirectSubscriber(path, TOPIC) for _ in range(MOST_SUBSCRIBERS)]
    assert all(each.connect() for each in crowd)
    late = DirectSubscriber(path, TOPIC)
    publisher.send(TOPIC, b"one")
    assert late.connect()
    publisher.send(TOPIC, b"two")
    assert late.receive() is None
    for each in crowd:
        assert [each.receive(), each.receive()] == [b"one", b"two"]
        each.close()
    publisher.tend()
    publisher.send(TOPIC, b"three")
    assert late.receive() == b"three"
    late.close()
