"""A request is over in time, also one whose body nobody takes."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from actors.collect.upload.failed import Failed, Stopped
from actors.collect.upload.wire import Patience, Wire
from actors.web.exchange import Request
from tests.listening import DEADLINE_S

MUCH = bytes(64 << 20)  # more than the system takes on the way


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """Accepts, and reads nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def wire(patience: Patience, stop: threading.Event) -> Wire:
    return Wire(ssl.create_default_context(), stop, time.monotonic_ns, patience)


def put(server: socket.socket) -> Request:
    host = f"127.0.0.1:{server.getsockname()[1]}"
    return Request("PUT", httpx.URL(f"http://{host}/x"), {}, MUCH)


def test_a_body_that_nobody_takes_is_given_up(deaf: socket.socket) -> None:
    given = Patience(stall_s=0.1, longest_s=DEADLINE_S)
    with pytest.raises(Failed, match=r"nothing was taken for 0.1 s") as failed:
        wire(given, threading.Event()).ask(put(deaf))
    assert failed.value.kind == "passing"


def test_a_body_that_is_taken_slowly_is_given_up_in_the_end(deaf: socket.socket) -> None:
    def sip() -> None:
        with suppress(OSError):  # the time may be over before anybody has come
            connection, _ = deaf.accept()
            with connection:
                while connection.recv(1 << 16):
                    pass

    thread = threading.Thread(target=sip)
    thread.start()
    given = Patience(stall_s=DEADLINE_S, longest_s=0.01)
    with pytest.raises(Failed, match=r"not done within 0.01 s"):
        wire(given, threading.Event()).ask(put(deaf))
    deaf.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_it_can_be_stopped_before_it_begins(deaf: socket.socket) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        wire(Patience(DEADLINE_S, DEADLINE_S), stop).ask(put(deaf))
