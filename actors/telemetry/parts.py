"""What the configuration makes of telemetry: what is heard, what is sent, and to whom."""

from pathlib import Path
from typing import Any

from actors.config import Config, Sink
from actors.process import everyone
from actors.telemetry.budget import Allowance, Budget, Spent
from actors.telemetry.outbox.room import Limits
from actors.telemetry.sinks.file import Lines
from actors.telemetry.sinks.sink import Connect
from actors.telemetry.throttle import Pace
from actors.telemetry.writing import Writer
from actors.wiring import models, posts, results
from bus.topics import HEALTH, Keep, Topic

MB_BYTES, HOUR_S = 1 << 20, 3600


def topics(config: Config) -> list[Topic[Any]]:
    """Every result, as all are counted; of what is repeated, what is newest."""
    heard = [HEALTH.of(actor=actor) for actor in everyone(config)]
    seen = [topic._replace(keep=Keep.ALL) for topic in results(config)]
    return [*seen, *heard, *models(config), *posts(config)]


def connects(config: Config, room: Path) -> dict[str, Connect]:
    return {sink.name: _connect(sink, room) for sink in config.sink}


def _connect(sink: Sink, room: Path) -> Connect:
    path = sink.path or str(room / "messages.jsonl")
    return Lines(path, sink.most_mb * MB_BYTES, sink.kept).connect


def writer(config: Config, spent: Spent | None) -> Writer:
    rules = config.telemetry
    pace = Pace(rules.mode, rules.interval_ms, rules.heartbeat)
    budget = None
    if rules.most_a_day:
        allowance = Allowance(rules.most_a_day, rules.kept_for_events, rules.unit_bytes)
        budget = Budget(allowance, spent)
    return Writer(rules.schemas, pace, budget)


def limits(config: Config) -> Limits:
    rules = config.telemetry
    return Limits(rules.outbox_mb * MB_BYTES, rules.outbox_h * HOUR_S, rules.late_hz)
