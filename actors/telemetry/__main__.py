"""Telemetry: what is seen and what happens, for receivers elsewhere.

in   results/<camera>/<inference>/  every one
     health/<actor>/                of all
     models/<inference>/            what is installed
     posts/<inference>/<post>/      who publishes
out  letters in an outbox on disk, from which each sink takes them in its own time

     reported properties, answers to direct methods, settings and wishes as files: with a sink
     of kind iotedge or iothub, which is the device's line to its cloud (`cloud.desk`)

What the outbox has accepted arrives: across crashes, power cuts and days without a network, within
the bounds that the configuration sets. A sink that is down is said in health; nothing waits for it.
While this actor is away nothing is counted, and what was accepted waits.
"""

from collections.abc import Callable
from contextlib import closing, nullcontext

from actors.clock import monotonic_ns, utc_ns
from actors.config import Config
from actors.process import Seat, start
from actors.settings import Settings, SettingsFile
from actors.telemetry import parts
from actors.telemetry.budget import Spent
from actors.telemetry.cloud.desk import Desk
from actors.telemetry.cloud.exchange import Exchange
from actors.telemetry.dispatch import Dispatch, OutboxDispatch
from actors.telemetry.ledger import Ledger
from actors.telemetry.letter import Letter
from actors.telemetry.writing import Writer
from actors.tenancy import make_room
from bus.messages import Health, Model, Post, Result, Tick, Woken
from bus.sockets import Bus, ZmqBus
from bus.wake import Wake

TICK_HZ = 5  # letters of one turn share one wait for the disk
LONGEST_DETAIL = 400


def run(
    bus: Bus,
    writer: Writer,
    dispatch: Dispatch,
    spent: Callable[[Spent], None],
    offset_ns: int,
    desired: Callable[[], Settings] = Settings,
    desk: Desk | None = None,
) -> None:
    """`spent` keeps what of a day's budget was used; `offset_ns`: UTC less monotonic time."""
    letters: list[Letter] = []
    now_utc_ns = 0
    bus.report("running")
    for message in bus:
        match message:
            case Result():
                now_utc_ns = max(now_utc_ns, message.published_ns + offset_ns)
                letters += writer.result(message, now_utc_ns)
                bus.finished(message.captured_ns)
            case Health() | Model() | Post():
                now_utc_ns = max(now_utc_ns, message.published_ns + offset_ns)
                letters += writer.state(message, message.published_ns, now_utc_ns)
                if desk:
                    desk.hear(message)
            case Woken(now_ns=now_ns) if desk:
                desk.turn(now_ns)
            case Tick(now_ns=now_ns):
                now_utc_ns, offset_ns = message.now_utc_ns, message.now_utc_ns - now_ns
                letters += writer.keep_to(desired().interval_ms, now_utc_ns)
                letters += writer.look(now_ns, now_utc_ns)
                dispatch.accept(letters, now_utc_ns)
                letters = []
                if writer.budget:
                    spent(writer.budget.spent)
                trouble = "; ".join(filter(None, [writer.trouble, dispatch.trouble]))
                bus.report("degraded" if trouble else "running", trouble[:LONGEST_DETAIL])
                if desk:
                    desk.look(now_ns)
    dispatch.accept([*letters, *writer.rest(now_utc_ns)], now_utc_ns)


def main(config: Config, seat: Seat) -> None:
    room = make_room(config.state, "telemetry")
    ledger, settings, wake = Ledger(room / "budget.json"), SettingsFile(config.state), Wake()
    exchange = Exchange(wake.set)
    connects = parts.connects(config, room, exchange)
    dispatch = OutboxDispatch(room / "outbox.db", connects, parts.limits(config))
    has_line = parts.line(config) is not None
    desk = closing(Desk(config, settings, exchange)) if has_line else nullcontext()
    with (
        desk as cloud,
        ZmqBus(
            seat.actor,
            config.run,
            parts.topics(config),
            stop=seat.stop,
            wake=wake,
            tick_hz=TICK_HZ,
            restarts=seat.restarts,
            each_beat=seat.look,
        ) as bus,
    ):
        writer = parts.writer(config, ledger.spent)
        offset_ns = utc_ns() - monotonic_ns()
        run(bus, writer, dispatch, ledger.write, offset_ns, settings.look, cloud)
    dispatch.close()


if __name__ == "__main__":
    start("telemetry", main)
