"""Letters to a hub on a real broker, which is stopped, paused, made to refuse, or somebody else."""

import base64
import gc
import hashlib
import hmac
import http.server
import json
import logging
import os
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from actors.clock import monotonic_ns
from actors.telemetry.sinks.iot import MOST_BYTES, Iot
from actors.telemetry.sinks.iot_identity import SIMULATOR, WORKLOAD, Identity
from actors.telemetry.sinks.sink import Down, Link
from tests.actors.models.web import Authority
from tests.actors.telemetry.hub import ADDRESS, DEVICE, KEY, MODULE, Hub, the_address
from tests.actors.telemetry.sinks.rig import (
    BACK,
    DEADLINE_S,
    FRONT,
    OLD_NS,
    Watched,
    courier_of,
    letter,
    letters,
)

EDGE = Identity(edge=True)
UNCLOSED = "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
Start = Callable[..., Hub]


class Gate:
    """A way to connect that a test may shut."""

    def __init__(self, sink: Iot) -> None:
        self._sink, self.shut = sink, False

    def connect(self, wake: Callable[[], None]) -> Link:
        if self.shut:
            raise Down("held up by the test, until somebody listens")
        return self._sink.connect(wake)


def by_key(hub: Hub, folder: Path, **settings: Any) -> Identity:
    """A device of the hub that stands at its address, known by its key."""
    (folder / "key").write_text(KEY)
    settings = {"host": ADDRESS, "ca_file": str(hub.authority.path), **settings}
    return Identity(device_id=DEVICE, key=f"file:{folder / 'key'}", **settings)


def test_a_module_sends_to_its_output(hub: Hub, watched: Watched) -> None:
    sent = letter(0)
    watched.accept([sent], OLD_NS)
    watched.accept([*letters(range(1, 30)), *letters("ab", BACK)])
    with courier_of(Iot(EDGE).connect, watched) as sink:
        watched.until_empty()
        hub.until(lambda: len(hub.letters) == 32)
        assert (sink.state.up, sink.state.reason) == (True, "")
    late = next(each for each in hub.letters if each.word == 0)
    assert (late.sender, late.body) == (f"{DEVICE}/{MODULE}", sent.body)
    assert late.system == {
        "message_id": "results:front:street-1",
        "content_type": "application/json",
        "encoding": "utf-8",
        "output": "AzureEyeModuleOutput",
    }
    assert late.properties == {
        "topic": FRONT,
        "number": "1",
        "late": "true",
        "schema": "retinue/1",
        "created_utc_ns": str(sent.created_utc_ns),
    }
    assert [word for word in hub.words() if word in range(1, 30)] == list(range(1, 30))


@pytest.mark.parametrize("who", ["device", "module"])
def test_a_connection_string_says_who_sends(
    who: str, hub: Hub, watched: Watched, tmp_path: Path
) -> None:
    connection = hub.connection if who == "module" else hub.device_connection
    (tmp_path / "connection").write_text(f"{connection}\n")
    place = f"file:{tmp_path / 'connection'}"
    watched.accept(letters("a"))
    with courier_of(Iot(Identity(connection=place, ca_file=ca(hub))).connect, watched):
        hub.until(lambda: bool(hub.letters))
        watched.until_empty()
    sender = f"{DEVICE}/{MODULE}" if who == "module" else DEVICE
    output = "AzureEyeModuleOutput" if who == "module" else None
    assert (hub.letters[0].sender, hub.letters[0].system.get("output")) == (sender, output)


def test_two_at_once_do_not_disturb_each_other(hub: Hub, watched: Watched, tmp_path: Path) -> None:
    watched.accept(letters(range(20)))
    waiting = watched.next("sink", 2**62, 20)
    links = [Iot(who).connect(watched.changed) for who in (EDGE, by_key(hub, tmp_path))]
    for link in links:
        watched.until(lambda link=link: link.turn().up)  # type: ignore[misc]
        link.send(waiting)
    for link in links:
        confirmed: list[int] = []
        watched.until(lambda: len(gathered(confirmed, link)) == 20)  # noqa: B023 at once
        link.close()
    hub.until(lambda: len(hub.letters) == 40)
    for sender in (DEVICE, f"{DEVICE}/{MODULE}"):
        of_it = [letter.word for letter in hub.letters if letter.sender == sender]
        assert of_it == list(range(20))


def test_a_certificate_lets_a_device_in(hub_with: Start, watched: Watched) -> None:
    hub = hub_with("allow_anonymous true", "require_certificate true")
    pem = str(hub.authority.issue(DEVICE).path)
    watched.accept(letters("a"))
    ours = Identity(host=ADDRESS, device_id=DEVICE, certificate_file=pem, ca_file=ca(hub))
    with courier_of(Iot(ours).connect, watched):
        hub.until(lambda: bool(hub.letters))
        watched.until_empty()
    assert hub.letters[0].sender == DEVICE


def test_without_one_it_is_refused(hub_with: Start, tmp_path: Path) -> None:
    hub = hub_with("allow_anonymous true", "require_certificate true")
    with pytest.raises(Down, match=rf"iothub {ADDRESS}: .*[Hh]andshake"):
        Iot(by_key(hub, tmp_path)).connect(lambda: None)


def test_iot_edge_signs_for_its_modules(
    hub: Hub, watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside(monkeypatch, tmp_path / "workload.sock")
    with workload(tmp_path / "workload.sock", hub.authority) as signed:
        watched.accept(letters("a"))
        with courier_of(Iot(EDGE).connect, watched):
            hub.until(lambda: bool(hub.letters))
    assert signed[0].startswith("hub.example%2Fdevices%2Fyard%2Fmodules%2Fazureeyemodule\n")


@pytest.mark.filterwarnings(UNCLOSED)  # by requests_unixsocket, where nobody listens
def test_where_iot_edge_does_not_sign_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside(monkeypatch, tmp_path / "workload.sock")
    with pytest.raises(Down, match=r"iotedge: unix:///.*/workload\.sock: "):
        Iot(EDGE).connect(lambda: None)
    gc.collect()


def test_outside_of_iot_edge_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SIMULATOR:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Down, match=f"iotedge: {WORKLOAD[0]}, .* not set; run this as a module"):
        Iot(EDGE).connect(lambda: None)


@pytest.mark.parametrize("end", ["stop", "throw_out"])
def test_no_letter_is_lost_and_the_order_kept_when_the_connection_ends(
    end: str, hub: Hub, watched: Watched
) -> None:
    gate = Gate(Iot(EDGE))
    watched.accept(letters(range(1000)))
    with courier_of(gate.connect, watched) as sink:
        for count in (50, 300, 600):
            watched.until(lambda count=count: len(watched.confirmed) > count)  # type: ignore[misc]
            if end == "throw_out":
                hub.throw_out()
                continue
            gate.shut = True
            hub.stop()
            watched.until_said("held up by the test")
            watched.said.clear()
            hub.start()
            gate.shut = False
        watched.until_empty()
        hub.until(lambda: len(hub.words()) == 1000)
        assert sink.state.up
    assert hub.words() == list(range(1000))


def test_a_paused_hub_is_given_up_and_gets_it_all_later(hub: Hub, watched: Watched) -> None:
    with courier_of(Iot(Identity(edge=True, window=8, answer_s=0.3)).connect, watched) as sink:
        watched.until_said("sink sink: up")
        hub.broker.pause()
        watched.accept(letters(range(50)))
        sink.wake()
        watched.until_said(f"iotedge {ADDRESS}: no answer for 0.3 s")
        assert (sink.state.up, sink.state.sent, sink.state.confirmed) == (False, 8, 0)
        hub.broker.resume()
        watched.until_empty()
        hub.until(lambda: len(hub.words()) == 50)
    assert hub.words() == list(range(50))


def test_to_leave_a_hub_that_does_not_answer_takes_a_second(hub: Hub, watched: Watched) -> None:
    link = Iot(EDGE).connect(watched.changed)
    watched.until(lambda: link.turn().up)
    hub.broker.pause()
    watched.accept([letter("x" * 250_000) for _ in range(32)])
    begun_ns = monotonic_ns()
    link.send(watched.next("sink", 2**62, 32))
    assert link.turn().room == 0
    link.close()
    assert monotonic_ns() - begun_ns < 3 * 10**9
    hub.broker.resume()


def test_a_line_that_tls_finds_broken_is_a_lost_connection(
    watched: Watched, tmp_path: Path
) -> None:
    """After the greeting comes something that is no TLS, which paho would not get over."""
    authority = Authority(tmp_path)
    key = tmp_path / "key"
    key.write_text(KEY)
    ours = Identity(host=ADDRESS, device_id=DEVICE, key=f"file:{key}", ca_file=str(authority.path))
    with the_address(), broken(authority):
        link = Iot(ours).connect(watched.changed)
        with pytest.raises(Down, match=f"iothub {ADDRESS}: the connection was lost"):
            watched.until(lambda: link.turn() is None)
        link.close()


def test_what_no_hub_takes_is_left_out(hub: Hub, watched: Watched) -> None:
    watched.accept([letter("x" * MOST_BYTES), letter("after")])
    with courier_of(Iot(EDGE).connect, watched):
        watched.until_said("results/front/street number ")
        watched.until_empty()
        hub.until(lambda: bool(hub.letters))
    assert hub.words() == ["after"]


# paho replaces a pair of sockets at each connection, and leaves the old one to the collector
@pytest.mark.filterwarnings(UNCLOSED)
def test_a_new_password_in_time_loses_nothing(hub: Hub, watched: Watched) -> None:
    """The library takes one two minutes before the end of the last, and connects anew with it."""
    logins = f"as {DEVICE}/{MODULE} "
    count = 0
    with courier_of(Iot(Identity(edge=True, token_s=121)).connect, watched):
        while sum(logins in line for line in hub.broker.log) < 2:
            watched.accept([letter(count)])
            count += 1
            watched.until_empty()
        watched.accept([letter(count)])
        watched.until_empty()
        hub.until(lambda: len(hub.words()) == count + 1)
    gc.collect()
    assert hub.words() == list(range(count + 1))
    assert watched.said == ["sink sink: up", "sink sink: stopped"]


def test_who_is_refused_is_told_what_to_check(hub_with: Start, watched: Watched) -> None:
    hub_with("allow_anonymous false")
    watched.accept(letters("a"))
    with courier_of(Iot(EDGE).connect, watched) as sink:
        watched.until_said(f"iotedge {ADDRESS}: refused; check the key or certificate, that the")
        assert sink.state.sent == 0


def test_a_hub_that_is_not_the_one_gets_nothing(hub: Hub, tmp_path: Path) -> None:
    for ca_file in ("", another_authority(tmp_path)):
        ours = by_key(hub, tmp_path, ca_file=ca_file)
        with pytest.raises(Down, match=rf"iothub {ADDRESS}: its certificate is not trusted: .*"):
            Iot(ours).connect(lambda: None)
    assert not any("New client connected from 127.7" in line for line in hub.broker.log)


def test_a_hub_that_is_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    ours = Identity(host="hub.invalid", device_id=DEVICE, key=f"file:{tmp_path / 'key'}")
    with pytest.raises(Down, match=r"iothub hub\.invalid: \w+"):
        Iot(ours).connect(lambda: None)


def test_a_connection_string_with_something_else_in_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUB", f"HostName=h;DeviceId=d;SharedAccessKey={KEY};Password=s3cr3t")
    with pytest.raises(Down, match=r"\Aconnection: not as Azure writes it; copy it whole\Z"):
        Iot(Identity(connection="env:HUB")).connect(lambda: None)


def test_a_key_that_is_none_is_refused(hub: Hub, tmp_path: Path) -> None:
    ours = by_key(hub, tmp_path)
    (tmp_path / "key").write_text("s3cr3t!")
    with pytest.raises(Down, match=r"\Akey: the key is not in base64; copy it whole\Z"):
        Iot(ours).connect(lambda: None)


def test_no_log_shows_a_secret(
    hub_with: Start, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub = hub_with()
    watched.accept(letters("a"))
    with courier_of(Iot(EDGE).connect, watched):
        watched.until_empty()
        hub.throw_out()
        watched.until_said("the connection was lost")
    said = "".join(f"{record.getMessage()}{record.exc_text}" for record in caplog.records)
    assert "sink sink: up" in said
    assert [secret for secret in (KEY, "SharedAccess", "sig=") if secret in said] == []


def gathered(confirmed: list[int], link: Link) -> list[int]:
    confirmed += link.turn().confirmed
    return confirmed


def ca(hub: Hub) -> str:
    return str(hub.authority.path)


def another_authority(folder: Path) -> str:
    (folder / "another").mkdir()
    return str(Authority(folder / "another").path)


@contextmanager
def broken(authority: Authority) -> Iterator[None]:
    """Lets one reach it, then greets one as a hub does and goes on in another protocol."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.issue(ADDRESS).path)

    def serve(server: socket.socket) -> None:
        with server.accept()[0] as reached, context.wrap_socket(reached, server_side=True):
            pass
        plain, _ = server.accept()
        with context.wrap_socket(plain, server_side=True) as line, suppress(ConnectionResetError):
            line.recv(1024)
            line.sendall(bytes([0x20, 2, 0, 0]))  # CONNACK
            os.write(line.fileno(), b"HTTP/1.1 400 Bad Request\r\n\r\n")
            while os.read(line.fileno(), 1024):
                pass

    with socket.create_server((ADDRESS, 8883)) as server:
        server.settimeout(DEADLINE_S)
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield
        thread.join()


def beside(monkeypatch: pytest.MonkeyPatch, workload: Path) -> None:
    """The environment of a module whose IoT Edge signs there."""
    for name in SIMULATOR:
        monkeypatch.delenv(name, raising=False)
    said = "hub.example", ADDRESS, DEVICE, MODULE, "1", f"unix://{workload}", "2018-06-28"
    for name, value in zip(WORKLOAD, said, strict=True):
        monkeypatch.setenv(name, value)


@contextmanager
def workload(path: Path, authority: Authority) -> Iterator[list[str]]:
    """IoT Edge's workload API; the list gets what it signs."""
    signed: list[str] = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path.startswith("/trust-bundle?")
            self._say({"certificate": authority.path.read_text()})

        def do_POST(self) -> None:
            assert self.path.startswith(f"/modules/{MODULE}/genid/1/sign?")
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            data = base64.b64decode(asked["data"])
            signed.append(data.decode())
            digest = hmac.digest(b"the module's", data, hashlib.sha256)
            self._say({"digest": base64.b64encode(digest).decode()})

        def address_string(self) -> str:
            return "a module"

        def log_message(self, *_: object) -> None:
            pass

        def _say(self, document: dict[str, str]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with socketserver.UnixStreamServer(str(path), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield signed
        server.shutdown()
        thread.join()
    path.unlink()
