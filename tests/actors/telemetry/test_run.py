"""The loop: what is heard becomes letters, in an outbox that is asked at every turn."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.config import Config, Inference, Sink, Telemetry
from actors.telemetry import parts
from actors.telemetry.__main__ import run
from actors.telemetry.budget import Spent
from actors.telemetry.cloud.exchange import Exchange
from actors.telemetry.dispatch import OutboxDispatch
from actors.telemetry.ledger import Ledger
from actors.telemetry.letter import Letter
from actors.telemetry.outbox.room import Limits
from actors.telemetry.sinks.file import Lines
from bus.messages import Message, Tick
from bus.testing import Script
from tests.actors.telemetry.messages.test_retinue1 import HEALTH
from tests.actors.telemetry.test_writing import at

SECOND_NS = 1_000_000_000
UTC_NS = 1_800_000_000 * SECOND_NS
LIMITS = Limits(10_000_000, 3600.0)
DEADLINE_S = 20


class Kept:
    """A `Dispatch` in memory."""

    def __init__(self, trouble: str = "") -> None:
        self.turns: list[list[Letter]] = []
        self.trouble = trouble

    def accept(self, letters: Sequence[Letter], now_utc_ns: int) -> None:
        del now_utc_ns
        self.turns.append(list(letters))


def tick(second: float) -> Tick:
    now_ns = int(second * SECOND_NS)
    return Tick(now_ns=now_ns, now_utc_ns=UTC_NS + now_ns)


def played(dispatch: Kept, *messages: Message, **rules: object) -> tuple[Script, list[Spent]]:
    config = Config(telemetry=Telemetry(**rules))  # type: ignore[arg-type]
    bus, spent = Script(*messages), list[Spent]()
    run(bus, parts.writer(config, None), dispatch, spent.append, UTC_NS)
    return bus, spent


def test_each_turn_is_accepted_whole_and_the_rest_at_the_end() -> None:
    kept = Kept()
    bus, _ = played(kept, tick(0), at(1), HEALTH, tick(1.2), tick(1.4), at(3))
    assert [len(turn) for turn in kept.turns] == [0, 2, 0, 1]
    assert [letter.topic for letter in kept.turns[1]] == [
        "results/front/street", "health/camera-front",
    ]  # fmt: skip
    assert bus.captured == [at(1).captured_ns] * 2


def test_a_letter_has_the_time_of_what_it_tells() -> None:
    kept = Kept()
    played(kept, tick(0), at(1), tick(2))
    assert kept.turns[1][0].created_utc_ns == UTC_NS + SECOND_NS


def test_what_does_not_work_is_said() -> None:
    bus, _ = played(Kept("sink hub: no route"), tick(1))
    assert (bus.reports[-1].state, bus.reports[-1].detail) == ("degraded", "sink hub: no route")
    bus, _ = played(Kept(), tick(1))
    assert bus.reports[-1].state == "running"


def test_what_percept_cannot_say_is_said() -> None:

    other = replace(at(1), family="masks")
    bus, _ = played(Kept(), tick(0), other, tick(2), schemas=("percept",))
    assert "no message for results of masks; add retinue/1" in bus.reports[-1].detail


def test_a_budget_is_put_down_at_each_turn() -> None:
    _, spent = played(Kept(), tick(0), at(1), tick(2), most_a_day=100)
    assert [each.ordinary for each in spent] == [0, 1]


def test_a_ledger_outlasts_its_process_and_a_torn_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "budget.json"
    assert Ledger(path).spent is None
    Ledger(path).write(Spent(day=3, ordinary=7))
    assert Ledger(path).spent == Spent(day=3, ordinary=7)
    path.write_text("{")
    assert Ledger(path).spent is None


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def letters(count: int) -> list[Letter]:
    return [Letter("t", 0, json.dumps({"n": n}).encode(), "retinue/1") for n in range(count)]


def test_letters_reach_a_file_through_the_outbox(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    connects = {"file": Lines(str(out)).connect}
    dispatch = OutboxDispatch(tmp_path / "outbox.db", connects, LIMITS)
    dispatch.accept(letters(3), UTC_NS)
    dispatch.close()  # perhaps before its thread had a turn
    again = OutboxDispatch(tmp_path / "outbox.db", connects, LIMITS)
    deadline_s = time.monotonic() + DEADLINE_S
    while len(lines(out)) < 3:
        again.accept([], UTC_NS)
        assert time.monotonic() < deadline_s, again.trouble
    again.close()
    assert [json.loads(line)["body"]["n"] for line in lines(out)][:3] == [0, 1, 2]


def test_while_the_disk_refuses_letters_wait_and_it_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "room"
    blocked.write_text("not a folder")
    dispatch = OutboxDispatch(blocked / "outbox.db", {"file": Lines("-").connect}, LIMITS)
    dispatch.accept(letters(2), UTC_NS)
    assert str(blocked) in dispatch.trouble
    blocked.unlink()
    blocked.mkdir()
    out = tmp_path / "out.jsonl"
    dispatch._connects = {"file": Lines(str(out)).connect}
    dispatch.accept([], UTC_NS)
    assert str(blocked) not in dispatch.trouble
    dispatch.close()


def test_parts_are_as_configured(tmp_path: Path) -> None:
    sinks = (Sink("own", path=str(tmp_path / "x")), Sink("other"))
    config = Config(
        inference=(Inference("eye"),), sink=sinks, telemetry=Telemetry(outbox_mb=3, outbox_h=2)
    )
    assert set(parts.connects(config, tmp_path, Exchange(lambda: None))) == {"own", "other"}
    assert parts.limits(config)[:2] == (3 << 20, 7200)
    names = [topic.name for topic in parts.topics(config)]
    assert {"results/front/eye/", "health/telemetry/", "models/eye/", "posts/eye/b/"} <= set(names)
    assert parts.writer(config, None).budget is None


@pytest.mark.parametrize("kind", ["results", "posts"])
def test_both_posts_are_heard(kind: str) -> None:
    config = Config(inference=(Inference("eye"),))
    heard = [topic.owner for topic in parts.topics(config) if topic.name.startswith(kind)]
    assert heard == ["inference-eye-a", "inference-eye-b"]


def test_a_broker_is_as_configured_and_home_assistant_is_told_of_each_camera() -> None:
    source = "env:X"
    sink = Sink("hub", "mqtt", host="b", user="me", password=source, tls=True, ca_file="/ca")
    broker = parts.broker(sink)
    assert (broker.host, broker.the_port) == ("b", 8883)
    assert (broker.user, broker.password) == ("me", source)
    assert broker.tls
    assert broker.tls.ca_file == "/ca"
    config = Config(inference=(Inference("eye"),))
    assert parts.greetings(config, sink) == {}
    told = parts.greetings(config, replace(sink, home_assistant=True, labels=("car",)))
    assert len(told) == 4
    assert all(b"retinue/results/front/eye" in body for body in told.values())
