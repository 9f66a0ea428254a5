"""Letters through a real broker, which is stopped, killed, paused and made to refuse."""

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actors.telemetry.sinks.broker import Broker
from actors.telemetry.sinks.mqtt import Mqtt
from actors.telemetry.sinks.sink import Down, Link
from tests.actors.telemetry.sinks.mosquitto import HOST, OPEN, Heard, Listener, Mosquitto
from tests.actors.telemetry.sinks.rig import (
    BACK,
    FRONT,
    HEALTH,
    OLD_NS,
    Watched,
    courier_of,
    letter,
    letters,
)

Listen = Callable[..., Listener]
SECRET = "s3cr3t"  # noqa: S105 looked for wherever it must not be
VERSIONS = pytest.mark.parametrize("version", ["3.1.1", "5"])


def to(mosquitto: Mosquitto, **settings: Any) -> Mqtt:
    return Mqtt(Broker(HOST, mosquitto.port, **settings))


def word(heard: Heard) -> Any:
    message = json.loads(heard.body)
    return message.get("body", message)["word"]


def firsts(*listeners: Listener, topic: str = FRONT) -> list[Any]:
    """Words in the order of their first coming."""
    came = [word(each) for one in listeners for each in one.below(f"retinue/{topic}")]
    return list(dict.fromkeys(came))


@VERSIONS
def test_each_letter_comes_to_its_topic_and_is_confirmed(
    version: str, mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    ear = listen(mosquitto.port)
    watched.accept([*letters(range(30)), *letters("ab", BACK)])
    with courier_of(to(mosquitto, version=version).connect, watched) as sink:
        watched.until_empty()
        watched.until(lambda: len(ear.below("retinue/results")) == 32)
        assert (sink.state.up, sink.state.reason) == (True, "")
    assert firsts(ear) == list(range(30))
    assert firsts(ear, topic=BACK) == ["a", "b"]


def test_a_letter_longer_than_the_broker_takes_is_left_out_and_holds_nobody_up(
    tmp_path: Path, listen: Listen, watched: Watched
) -> None:
    mosquitto = Mosquitto(tmp_path, (*OPEN, "max_packet_size 2000"))
    try:
        ear = listen(mosquitto.port)
        watched.accept([letter("first"), letter("x" * 3000), letter("last")])
        with courier_of(to(mosquitto).connect, watched) as sink:
            watched.until_empty()
            assert sink.state.up
        watched.until_said("number 2 has 3030 bytes, more than the broker takes")
        watched.until(lambda: len(firsts(ear)) == 2)
        assert firsts(ear) == ["first", "last"]
    finally:
        mosquitto.kill()


def test_with_mqtt_5_the_body_is_as_it_is_and_numbers_are_properties(
    mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    ear = listen(mosquitto.port)
    sent = letter("a")
    watched.accept([sent], OLD_NS)
    watched.accept(letters("x"))
    with courier_of(to(mosquitto).connect, watched):
        watched.until(lambda: len(ear.below("retinue/results")) == 2)
    heard = ear.below("retinue/results")[1]
    assert heard.body == sent.body
    assert heard.properties["ContentType"] == "application/json"
    assert {name: heard.properties[name] for name in ("number", "late", "schema")} == {
        "number": "1",
        "late": "true",
        "schema": "retinue/1",
    }
    assert heard.properties["created_utc_ns"] == str(sent.created_utc_ns)


def test_with_mqtt_3_numbers_are_around_the_body(
    mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    ear = listen(mosquitto.port)
    sent = letter("a")
    watched.accept([sent])
    with courier_of(to(mosquitto, version="3.1.1").connect, watched):
        watched.until(lambda: len(ear.below("retinue/results")) == 1)
    message = json.loads(ear.below("retinue/results")[0].body)
    assert message.pop("body") == json.loads(sent.body)
    assert message == {
        "topic": FRONT,
        "number": 1,
        "late": False,
        "schema": "retinue/1",
        "created_utc_ns": sent.created_utc_ns,
    }


@VERSIONS
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_letter_is_lost_and_the_order_kept_when_the_broker_ends(
    end: str, version: str, mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    held = False
    make = to(mosquitto, version=version).connect

    def connect(wake: Callable[[], None]) -> Link:
        if held:
            raise Down("held up by the test, until somebody listens")
        return make(wake)

    before = listen(mosquitto.port)
    watched.accept(letters(range(2000)))
    with courier_of(connect, watched) as sink:
        watched.until(lambda: len(before.below("retinue/results")) > 50)
        held = True
        getattr(mosquitto, end)()
        watched.until_said("held up by the test")
        watched.accept(letters(range(2000, 2100)))
        mosquitto.start()
        after = listen(mosquitto.port)
        held = False
        watched.until_empty()
        watched.until(lambda: set(firsts(before, after)) == set(range(2100)))
        assert sink.state.up
    assert firsts(before, after) == list(range(2100))


def test_a_paused_broker_is_given_up_and_gets_it_all_later(
    mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    ear = listen(mosquitto.port)
    with courier_of(to(mosquitto, window=8, answer_s=0.3).connect, watched) as sink:
        watched.until_said("sink sink: up")
        mosquitto.pause()
        watched.accept(letters(range(50)))
        sink.wake()
        watched.until_said(f"mqtt {HOST}:{mosquitto.port}: no answer for 0.3 s")
        assert (sink.state.up, sink.state.sent, sink.state.confirmed) == (False, 8, 0)
        mosquitto.resume()
        watched.until_empty()
        watched.until(lambda: len(firsts(ear)) == 50)
    assert firsts(ear) == list(range(50))


def test_a_window_wider_than_the_broker_allows_is_not_used(
    broker_with: Callable[..., Mosquitto], listen: Listen, watched: Watched
) -> None:
    mosquitto = broker_with(*OPEN, "max_inflight_messages 3")
    ear = listen(mosquitto.port)
    watched.accept(letters(range(100)))
    with courier_of(to(mosquitto, window=50).connect, watched):
        watched.until_empty()
        watched.until(lambda: len(firsts(ear)) == 100)
    assert firsts(ear) == list(range(100))


def test_nobody_listens_at_first(mosquitto: Mosquitto, watched: Watched) -> None:
    mosquitto.stop()
    watched.accept(letters("a"))
    with courier_of(to(mosquitto).connect, watched):
        watched.until_said(f"mqtt {HOST}:{mosquitto.port}: Connection refused")
        mosquitto.start()
        watched.until_empty()


def test_whoever_comes_later_finds_the_newest_state(
    mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    with courier_of(to(mosquitto).connect, watched):
        watched.accept(letters(["old", "older"], HEALTH), OLD_NS)
        watched.accept([*letters(["new"], HEALTH), *letters("a")])
        watched.until_empty()
        ear = listen(mosquitto.port)
        watched.until(lambda: len(ear.heard) == 2)
        kept = {each.topic: each for each in ear.heard}
    assert word(kept[f"retinue/{HEALTH}"]) == "new"
    assert kept["retinue/status"].body == b"online"
    assert all(each.retained for each in kept.values())


def statuses(listener: Listener) -> list[bytes]:
    return [each.body for each in listener.below("retinue/status")]


@VERSIONS
def test_a_sink_that_is_stopped_says_so(
    version: str, mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    ear = listen(mosquitto.port)
    with courier_of(to(mosquitto, version=version).connect, watched):
        watched.until(lambda: statuses(ear) == [b"online"])
    watched.until(lambda: statuses(ear) == [b"online", b"offline"])


@VERSIONS
def test_of_one_that_vanishes_the_broker_says_so(
    version: str, mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    ear = listen(mosquitto.port)
    link: Any = to(mosquitto, version=version).connect(watched.changed)
    watched.until(lambda: link.turn().up)
    watched.until(lambda: statuses(ear) == [b"online"])
    link._session._client.socket().shutdown(socket.SHUT_RDWR)
    watched.until(lambda: statuses(ear) == [b"online", b"offline"])
    link.close()


@VERSIONS
def test_of_two_with_one_name_the_first_is_thrown_out_and_says_so(
    version: str, mosquitto: Mosquitto, watched: Watched
) -> None:
    with courier_of(to(mosquitto, version=version).connect, watched):
        watched.until_said("sink sink: up")
        other = to(mosquitto, version=version).connect(lambda: None)
        watched.until_said(f"mqtt {HOST}:{mosquitto.port}: the connection was lost")
        other.close()


def test_greetings_are_kept_by_the_broker(
    mosquitto: Mosquitto, listen: Listen, watched: Watched
) -> None:
    sink = Mqtt(Broker(HOST, mosquitto.port), {"homeassistant/sensor/a/config": b"{}"})
    with courier_of(sink.connect, watched):
        watched.until_said("sink sink: up")
        watched.accept(letters("a"))
        watched.until_empty()
        ear = listen(mosquitto.port)
        watched.until(lambda: len(ear.heard) == 2)
    assert [each.body for each in ear.below("homeassistant/sensor/a/config")] == [b"{}"]


def test_a_letter_that_the_broker_refuses_is_not_lost(
    broker_with: Callable[..., Mosquitto], watched: Watched, tmp_path: Any
) -> None:
    rights = tmp_path / "rights"
    rights.write_text("topic write retinue/status\ntopic write retinue/results/#\n")
    mosquitto = broker_with(*OPEN, f"acl_file {rights}")
    watched.accept([*letters("a", HEALTH), *letters("b")])
    with courier_of(to(mosquitto).connect, watched) as sink:
        watched.until_said(f"refused {HEALTH}: Not authorized; allow user '' to publish to")
        assert not sink.state.up
    assert [each.letter.topic for each in left(watched)] == [HEALTH]


def left(watched: Watched) -> list[Any]:
    watched.reopen("sink")
    return watched.next("sink", 2**62, 10) + watched.next("sink", 2**62, 10)


def test_no_log_shows_the_password(
    mosquitto: Mosquitto, watched: Watched, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "password").write_text(f"{SECRET}\n")
    sink = to(mosquitto, user="retinue", password=f"file:{tmp_path / 'password'}")
    with courier_of(sink.connect, watched):
        watched.until_said("sink sink: up")
    with pytest.raises(Down) as refused:
        to(mosquitto, user="retinue", password=SECRET).connect(lambda: None)
    assert SECRET not in f"{caplog.text} {refused.value!r} {watched.said}"
