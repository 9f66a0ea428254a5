"""What the configuration makes of telemetry: what is heard, what is sent, and to whom."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from actors.config import Config, Sink
from actors.process import everyone
from actors.telemetry.budget import Allowance, Budget, Spent
from actors.telemetry.cloud.exchange import Exchange
from actors.telemetry.outbox.room import Limits
from actors.telemetry.sinks.broker import Broker, Tls
from actors.telemetry.sinks.file import Lines
from actors.telemetry.sinks.home_assistant import Kind, View, discovery
from actors.telemetry.sinks.iot_identity import Identity
from actors.telemetry.sinks.sink import Connect
from actors.telemetry.throttle import Pace
from actors.telemetry.writing import Writer
from actors.wiring import models, posts, results
from bus.topics import HEALTH, Keep, Topic

MB_BYTES, HOUR_S = 1 << 20, 3600
AZURE = ("iotedge", "iothub")


def topics(config: Config) -> list[Topic[Any]]:
    """Each result and state, as all are counted, when there is a turn: nobody is woken for one."""
    heard = [HEALTH.of(actor=actor) for actor in everyone(config)]
    every: list[Topic[Any]] = [*results(config), *heard, *models(config), *posts(config)]
    return [topic._replace(keep=Keep.ALL_AT_TICKS) for topic in every]


def line(config: Config) -> Sink | None:
    """The sink that is also the device's line to its cloud: the first of Azure's."""
    return next((sink for sink in config.sink if sink.kind in AZURE), None)


def connects(config: Config, room: Path, exchange: Exchange) -> dict[str, Connect]:
    return {sink.name: _connect(config, sink, room, exchange) for sink in config.sink}


def _connect(config: Config, sink: Sink, room: Path, exchange: Exchange) -> Connect:
    if sink.kind in AZURE:
        from actors.telemetry.sinks.iot import Iot  # noqa: PLC0415 for whom it is named

        return Iot(identity(sink), exchange if sink is line(config) else None).connect
    if sink.kind == "mqtt":
        from actors.telemetry.sinks.mqtt import Mqtt  # noqa: PLC0415 for whom a broker is named

        return Mqtt(broker(sink), greetings(config, sink)).connect
    path = sink.path or str(room / "messages.jsonl")
    return Lines(path, sink.most_mb * MB_BYTES, sink.kept).connect


def broker(sink: Sink) -> Broker:
    files = Tls(sink.ca_file, sink.certificate_file, sink.key_file)
    return Broker(
        host=sink.host,
        port=sink.port,
        version=sink.version,
        client_id=sink.client_id,
        prefix=sink.prefix,
        user=sink.user,
        password=sink.password,
        tls=files if sink.tls else None,
    )


def identity(sink: Sink) -> Identity:
    return Identity(
        edge=sink.kind == "iotedge",
        connection=sink.connection,
        host=sink.host,
        device_id=sink.device_id,
        scope_id=sink.scope_id,
        registration_id=sink.registration_id,
        key=sink.key,
        certificate_file=sink.certificate_file,
        key_file=sink.key_file,
        ca_file=sink.ca_file,
    )


def greetings(config: Config, sink: Sink) -> dict[str, bytes]:
    """What Home Assistant is to know before any letter comes."""
    if not sink.home_assistant:
        return {}
    rules = config.telemetry
    kind: Kind = "percept" if rules.schemas == ("percept",) else "result"
    kind = "counts" if rules.mode == "aggregate" else kind
    views = [
        View(camera.name, entry.name, kind, sink.labels)
        for camera in config.camera
        for entry in config.entries_of(camera)
    ]
    return discovery(broker(sink), views, version("retinue"))


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
