"""A broker behind TLS: who it is, who we are, and what is said when either is not believed."""

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actors.telemetry.sinks.broker import Broker, Tls
from actors.telemetry.sinks.mqtt import Mqtt
from actors.telemetry.sinks.sink import Down
from tests.actors.models.web import Authority
from tests.actors.telemetry.sinks.mosquitto import HOST, OPEN, Listener, Mosquitto
from tests.actors.telemetry.sinks.rig import Watched, courier_of, letters

SECRET = "s3cr3t"  # noqa: S105 looked for wherever it must not be
Start = Callable[..., Mosquitto]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def behind(authority: Authority, *hosts: str) -> tuple[str, ...]:
    """The broker's own certificate, for these hosts."""
    pem = authority.issue(*hosts).path
    return f"cafile {authority.path}", f"certfile {pem}", f"keyfile {pem}"


def to(mosquitto: Mosquitto, tls: Tls, **settings: Any) -> Mqtt:
    return Mqtt(Broker(HOST, mosquitto.port, tls=tls, **settings))


def trusting(authority: Authority) -> Tls:
    return Tls(str(authority.path))


def test_letters_come_through_tls(
    broker_with: Start, authority: Authority, listen: Callable[..., Listener], watched: Watched
) -> None:
    mosquitto = broker_with(*OPEN, *behind(authority, HOST))
    ear = listen(mosquitto.port, context=ssl.create_default_context(cafile=authority.path))
    watched.accept(letters("abc"))
    with courier_of(to(mosquitto, trusting(authority)).connect, watched):
        watched.until_empty()
        watched.until(lambda: len(ear.below("retinue/results")) == 3)


@pytest.mark.parametrize("whose", ["another authority's", "another host's"])
def test_a_broker_that_is_not_the_one_gets_nothing(
    whose: str, broker_with: Start, authority: Authority, tmp_path: Path
) -> None:
    tls, host = trusting(authority), HOST
    if whose == "another authority's":
        (tmp_path / "other").mkdir()
        tls = trusting(Authority(tmp_path / "other"))
    else:
        host = "broker.example"
    mosquitto = broker_with(*OPEN, *behind(authority, host))
    with pytest.raises(Down, match=r"mqtt 127\.0\.0\.1:\d+: .*(verif|certificate|mismatch)"):
        to(mosquitto, tls).connect(lambda: None)
    assert not any("New client connected" in line for line in mosquitto.log)


def test_without_tls_on_the_other_side_it_says_so(mosquitto: Mosquitto) -> None:
    with pytest.raises(Down, match=r"mqtt 127\.0\.0\.1:\d+: [A-Za-z]"):
        to(mosquitto, Tls()).connect(lambda: None)


def test_a_certificate_of_our_own_lets_us_in(
    broker_with: Start, authority: Authority, watched: Watched
) -> None:
    asks = ("require_certificate true", "use_identity_as_username true")
    mosquitto = broker_with(*behind(authority, HOST), *asks)
    ours = str(authority.issue("retinue.example").path)
    watched.accept(letters("a"))
    with courier_of(to(mosquitto, Tls(str(authority.path), ours)).connect, watched):
        watched.until_empty()
    assert any("u'retinue.example'" in line for line in mosquitto.log)


def test_who_has_no_certificate_is_asked_for_one(
    broker_with: Start, authority: Authority, watched: Watched
) -> None:
    mosquitto = broker_with(*behind(authority, HOST), "require_certificate true")
    watched.accept(letters("a"))
    with courier_of(to(mosquitto, trusting(authority)).connect, watched) as sink:
        words = "hung up before it answered; a certificate_file?"
        watched.until_said(f"mqtt {HOST}:{mosquitto.port}: {words}")
    assert (sink.state.sent, sink.state.confirmed) == (0, 0)


@pytest.mark.parametrize("fault", ["missing", "no certificate", "no key"])
def test_files_that_are_no_use_are_named(fault: str, authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "ours.pem"
    if fault == "no certificate":
        path.write_text(SECRET)
    elif fault == "no key":
        path.write_bytes(authority.path.read_bytes())
    broker = Broker(HOST, tls=Tls(str(authority.path), str(path)))
    with pytest.raises(Down, match=r"certificate_file = '.*ours\.pem', key_file = '': ") as refused:
        Mqtt(broker).connect(lambda: None)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("version", "words"), [("3.1.1", "refused: not authorised"), ("5", "refused: Not authorized")]
)
def test_a_wrong_password_is_refused_and_not_shown(
    version: str, words: str, broker_with: Start, watched: Watched, tmp_path: Path
) -> None:
    users, password = tmp_path / "users", tmp_path / "password"
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", str(users), "retinue", SECRET], check=True, timeout=20
    )
    password.write_text(f"{SECRET}, but another\n")
    mosquitto = broker_with("allow_anonymous false", f"password_file {users}")
    sink = Mqtt(
        Broker(
            HOST,
            mosquitto.port,
            version=version,  # type: ignore[arg-type]
            user="retinue",
            password=f"file:{password}",
        )
    )
    watched.accept(letters("a"))
    with courier_of(sink.connect, watched):
        watched.until_said(f"mqtt {HOST}:{mosquitto.port}: {words}")
        password.write_text(SECRET)
        watched.until_empty()
    assert not any(SECRET in said for said in watched.said)
