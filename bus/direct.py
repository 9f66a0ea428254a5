"""The short way: a topic's messages straight into each subscriber's own socket.

ZeroMQ hands a message through two threads of its own, and each must be woken first. Where
somebody waits for every message, as for frames, that is most of the hop. So these topics have
a second way, `$RUN/bus/<actor>.direct`: a `SOCK_SEQPACKET` socket to which a subscriber sends
the topic's name, and gets the topic's messages, a packet each, as over ZeroMQ but without the
topic. Whoever does not read loses what its socket's buffer does not take.
"""

import logging
import select
import socket
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

MOST_SUBSCRIBERS = 64
LONGEST_NAME, LONGEST_MESSAGE = 256, 4096


def direct_path(run_dir: Path, actor: str) -> Path:
    return run_dir / "bus" / f"{actor}.direct"


def _ignore(_: object) -> None:
    """Nobody asked to be told."""


class DirectPublisher:
    """One actor's end. Who connected before a `send` gets that very message."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path, self._listener = path, _seqpacket()
        self._listener.bind(str(path))
        self._listener.listen(MOST_SUBSCRIBERS)
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)
        self._topics: dict[socket.socket, bytes] = {}  # empty: it has not said which
        self._subscribers: dict[bytes, tuple[socket.socket, ...]] = {}

    def fileno(self) -> int:
        """Readable while somebody is to be let in or out: then `tend`."""
        return self._epoll.fileno()

    def send(self, topic: bytes, body: bytes) -> None:
        """Never waits: a full subscriber loses the message."""
        known = self._subscribers.get(topic, ())
        for peer in known:
            _give(peer, body)
        self.tend()  # only now: those who are known need not wait for it
        for peer in self._subscribers.get(topic, ()):
            if peer not in known:
                _give(peer, body)

    def tend(self) -> None:
        """Let subscribers in and out."""
        for _round in range(2):  # a newcomer has said its topic by the second round
            ready = self._epoll.poll(0)
            if not ready:
                return
            peers = {peer.fileno(): peer for peer in self._topics}
            for fd, _ in ready:
                if fd == self._listener.fileno():
                    self._welcome()
                elif topic := _said(peers[fd]):
                    self._topics[peers[fd]] = topic
                else:
                    self._forget(peers[fd])
            self._sort()

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        for peer in (*self._topics, self._listener):
            peer.close()
        self._epoll.close()

    def _welcome(self) -> None:
        while len(self._topics) < MOST_SUBSCRIBERS:  # the rest wait in the backlog
            try:
                peer, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:  # out of descriptors: next time
                log.warning("%s: a subscriber must wait: %s", self._path.name, error)
                return
            peer.settimeout(0)
            self._epoll.register(peer, select.EPOLLIN)
            self._topics[peer] = b""

    def _forget(self, peer: socket.socket) -> None:
        self._epoll.unregister(peer)
        del self._topics[peer]
        peer.close()

    def _sort(self) -> None:
        self._subscribers = {
            topic: tuple(peer for peer, its in self._topics.items() if its == topic)
            for topic in set(self._topics.values())
        }


class DirectSubscriber:
    """One topic of one actor, which may come and go. `fd` is -1 while it is away.

    `gone` is called when it went; `connect` again from time to time until it is back.
    """

    def __init__(
        self, path: Path, topic: bytes, gone: "Callable[[DirectSubscriber], None]" = _ignore
    ) -> None:
        self._path, self._topic, self._gone = path, topic, gone
        self._peer: socket.socket | None = None
        self.fd = -1

    def connect(self) -> bool:
        """Whether the actor is there now. Never waits."""
        peer = _seqpacket()
        try:
            peer.connect(str(self._path))
            peer.send(self._topic)
        except OSError:
            peer.close()
            return False
        self._peer, self.fd = peer, peer.fileno()
        return True

    def receive(self) -> bytes | None:
        """The next message, None if none waits or the actor is gone."""
        if self._peer is None:
            return None
        try:
            body = self._peer.recv(LONGEST_MESSAGE)
        except BlockingIOError:
            return None
        except OSError:
            body = b""
        if body:
            return body
        self._gone(self)
        self.close()
        return None

    def close(self) -> None:
        if self._peer:
            self._peer.close()
        self._peer, self.fd = None, -1


def _seqpacket() -> socket.socket:
    kind = socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK
    return socket.socket(socket.AF_UNIX, kind)


def _give(peer: socket.socket, body: bytes) -> None:
    try:  # noqa: SIM105 `suppress` is two cold calls more
        peer.send(body)
    except OSError:
        pass  # full: it will see a gap; gone: `tend` will see to it


def _said(peer: socket.socket) -> bytes:
    """The topic that a peer asks for; empty when it is gone."""
    try:
        return peer.recv(LONGEST_NAME)
    except OSError:
        return b""
