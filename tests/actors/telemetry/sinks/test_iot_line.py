"""The line to the cloud over a real broker: twin, patches, methods, notes, and what is dropped."""

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.telemetry.cloud.exchange import Asked, Call, Exchange, Note, Patch, Reply, Report, Twin
from actors.telemetry.sinks.iot import Iot
from actors.telemetry.sinks.iot_identity import Identity
from tests.actors.telemetry.hub import ADDRESS, DEVICE, KEY, Hub
from tests.actors.telemetry.sinks.rig import DEADLINE_S, Watched, courier_of, letters

EDGE = Identity(edge=True)


class Loop:
    """The actor's loop, as far as the line knows of it."""

    def __init__(self, watched: Watched) -> None:
        self.exchange = Exchange(watched.changed)
        self.asked: list[Asked] = []
        self._watched = watched

    def until(self, is_so: Callable[[], bool]) -> None:
        def heard() -> bool:
            self.asked += self.exchange.asked()
            return is_so()

        self._watched.until(heard)

    def of(self, kind: type) -> list[Any]:
        return [each for each in self.asked if isinstance(each, kind)]

    def until_of(self, kind: type, count: int = 1) -> list[Any]:
        self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)

    def answer(self, call: Call, payload: Any = None) -> None:
        self.exchange.say(Reply(call.id, 200, payload))


@pytest.fixture
def loop(watched: Watched) -> Loop:
    return Loop(watched)


@pytest.fixture
def line(hub: Hub, watched: Watched, loop: Loop) -> Iterator[None]:
    hub.patch({"ResultStream": True})
    with courier_of(Iot(EDGE, loop.exchange).connect, watched):
        loop.until_of(Twin)
        yield


@pytest.mark.usefixtures("line")
def test_first_comes_the_whole_twin_then_what_changes(hub: Hub, loop: Loop) -> None:
    hub.patch({"StreamFPS": 5, "Logging": None})
    loop.until_of(Patch)
    assert loop.asked == [
        Twin({"$version": 2, "ResultStream": True}, {"$version": 1}),
        Patch({"$version": 3, "StreamFPS": 5, "Logging": None}),
    ]


def test_a_patch_that_the_twin_does_not_have_yet_comes_after_it(
    hub: Hub, watched: Watched, loop: Loop
) -> None:
    def change() -> None:
        hub.before_twin = lambda: None
        hub.patch({"StreamFPS": 5})
        hub.patch({"StreamFPS": 6})

    hub.before_twin = change
    with courier_of(Iot(EDGE, loop.exchange).connect, watched):
        loop.until_of(Patch, 2)
    assert [each.desired["$version"] for each in loop.of(Twin)] == [1]
    assert [each.desired["$version"] for each in loop.asked[1:]] == [2, 3]  # type: ignore[union-attr]


@pytest.mark.usefixtures("line")
def test_what_is_reported_is_merged_and_null_removes(hub: Hub, loop: Loop) -> None:
    loop.exchange.say(Report({"a": {"b": 1, "c": 2}, "d": 3}))
    loop.exchange.say(Report({"a": {"b": None}, "d": None, "e": 4}))
    assert hub.reported(lambda said: "e" in said) == {"$version": 3, "a": {"c": 2}, "e": 4}


@pytest.mark.usefixtures("line")
def test_methods_are_answered_each_its_own(hub: Hub, loop: Loop) -> None:
    first, second = hub.begin_call("status"), hub.begin_call("snap/shot", {"camera": "front"})
    one, other = loop.until_of(Call, 2)
    assert (one.method, one.payload) == ("status", None)
    assert (other.method, other.payload) == ("snap/shot", {"camera": "front"})
    loop.answer(other, {"of": "the second"})
    loop.answer(one, "of the first")
    hub.until(lambda: hub.answered(first) and hub.answered(second))
    assert hub.answer(first) == (200, "of the first")
    assert hub.answer(second) == (200, {"of": "the second"})


@pytest.mark.usefixtures("line")
def test_a_call_of_a_lost_connection_is_not_answered_on_the_next(hub: Hub, loop: Loop) -> None:
    request = hub.begin_call("status")
    (lost,) = loop.until_of(Call)
    hub.throw_out()
    loop.until_of(Twin, 2)
    loop.answer(lost)
    hub.number_calls_anew()
    assert hub.begin_call("status") == request
    again = loop.until_of(Call, 2)[1]
    loop.answer(lost)
    loop.answer(again, "the newer one")
    hub.until(lambda: hub.answered(request))
    assert hub.answer(request) == (200, "the newer one")


@pytest.mark.usefixtures("line")
def test_a_note_comes_with_its_input(hub: Hub, loop: Loop) -> None:
    hub.send("onvif-control-msg-input", {"-fps": "5"}, sender="a/b")
    hub.send("other", b"\xff no JSON")
    assert loop.until_of(Note, 2) == [
        Note("onvif-control-msg-input", b'{"-fps": "5"}'),
        Note("other", b"\xff no JSON"),
    ]


@pytest.mark.usefixtures("line")
def test_what_makes_no_sense_is_told_and_all_goes_on(
    hub: Hub, watched: Watched, loop: Loop
) -> None:
    hub.publish("$iothub/methods/POST/status/?$rid=9", b"{")
    watched.until_said(f"iotedge {ADDRESS}: a fault of Azure's client: JSONDecodeError")
    hub.patch({"Logging": True})
    loop.until_of(Patch)
    assert len(loop.of(Twin)) == 1


def test_what_was_said_to_nobody_is_not_said_to_the_next(
    hub: Hub, watched: Watched, loop: Loop
) -> None:
    loop.exchange.say(Report({"stale": 1}))
    with courier_of(Iot(EDGE, loop.exchange).connect, watched):
        loop.until_of(Twin)
        loop.exchange.say(Report({"fresh": 1}))
        assert "stale" not in hub.reported(lambda said: "fresh" in said)


@pytest.mark.usefixtures("line")
def test_a_report_that_is_refused_for_good_is_told_and_all_goes_on(
    hub: Hub, watched: Watched, loop: Loop
) -> None:
    hub.refuse_reports = 400
    loop.exchange.say(Report({"a": 1}))
    watched.until_said(f"iotedge {ADDRESS}: reported properties: the service refused: twin")
    hub.refuse_reports = 0
    loop.exchange.say(Report({"b": 1}))
    assert "a" not in hub.reported(lambda said: "b" in said)
    assert len(loop.of(Twin)) == 1


@pytest.mark.usefixtures("line")
def test_one_that_is_refused_for_now_makes_the_twin_begin_anew(
    hub: Hub, watched: Watched, loop: Loop
) -> None:
    hub.refuse_reports = 429
    loop.exchange.say(Report({"a": 1}))
    watched.until_said("twin operation returned status 429")
    loop.until_of(Twin, 2)


def test_a_hub_that_keeps_the_twin_to_itself_is_given_up(
    hub: Hub, watched: Watched, loop: Loop
) -> None:
    hub.mute = True
    impatient = Identity(edge=True, answer_s=0.3)
    watched.accept(letters("a"))
    with courier_of(Iot(impatient, loop.exchange).connect, watched):
        watched.until_said(f"iotedge {ADDRESS}: no answer for 0.3 s")
        hub.mute = False
        loop.until_of(Twin)
        hub.until(lambda: hub.words() == ["a"])


def test_without_an_exchange_nothing_is_asked(hub: Hub, watched: Watched) -> None:
    watched.accept(letters("a"))
    with courier_of(Iot(EDGE).connect, watched):
        watched.until_empty()
        hub.until(lambda: bool(hub.letters))
    assert hub.asked == []


def test_a_device_has_a_line_too(hub: Hub, watched: Watched, loop: Loop, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    ours = Identity(
        host=ADDRESS,
        device_id=DEVICE,
        key=f"file:{tmp_path / 'key'}",
        ca_file=str(hub.authority.path),
    )
    with courier_of(Iot(ours, loop.exchange).connect, watched):
        loop.until_of(Twin)
        hub.patch({"Logging": True})
        loop.until_of(Patch)
    assert not any("/inputs/#" in line for line in hub.broker.log)  # a hub would hang up


def test_twenty_lost_connections_leave_nothing_behind(
    hub: Hub, watched: Watched, loop: Loop
) -> None:
    sink = Iot(EDGE, loop.exchange)
    with courier_of(sink.connect, watched):
        loop.until_of(Twin)
    before, files = set(threading.enumerate()), open_files()
    with courier_of(sink.connect, watched) as courier:
        for count in range(20):
            loop.until_of(Twin, 2 + count)
            watched.accept(letters([count]))
            courier.wake()
            watched.until_empty()
            hub.throw_out()
        loop.until_of(Twin, 22)
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(DEADLINE_S)
    assert [thread.name for thread in left if thread.is_alive()] == []
    assert open_files() <= files
    hub.until(lambda: hub.words() == list(range(20)))


def open_files() -> int:
    gc.collect()  # paho closes its pairs of sockets when it is collected
    return len(list(Path("/proc/self/fd").iterdir()))
