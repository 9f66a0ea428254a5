"""Telemetry: what is seen and what happens, for receivers elsewhere.

in   results/<camera>/<inference>/  every one
     health/<actor>/                of all
     models/<inference>/            what is installed
     posts/<inference>/<post>/      who publishes
out  letters in an outbox on disk, from which each sink takes them in its own time

What the outbox has accepted arrives: across crashes, power cuts and days without a network, within
the bounds that the configuration sets. A sink that is down is said in health; nothing waits for it.
While this actor is away nothing is counted, and what was accepted waits.
"""

from collections.abc import Callable

from actors.clock import monotonic_ns, utc_ns
from actors.config import Config
from actors.process import Seat, start
from actors.telemetry import parts
from actors.telemetry.budget import Spent
from actors.telemetry.dispatch import Dispatch, OutboxDispatch
from actors.telemetry.ledger import Ledger
from actors.telemetry.letter import Letter
from actors.telemetry.writing import Writer
from actors.tenancy import make_room
from bus.messages import Health, Model, Post, Result, Tick
from bus.sockets import Bus, ZmqBus

TICK_HZ = 5  # letters of one turn share one wait for the disk
LONGEST_DETAIL = 400


def run(
    bus: Bus,
    writer: Writer,
    dispatch: Dispatch,
    spent: Callable[[Spent], None],
    offset_ns: int,
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
            case Tick(now_ns=now_ns):
                now_utc_ns, offset_ns = message.now_utc_ns, message.now_utc_ns - now_ns
                letters += writer.look(now_ns, now_utc_ns)
                dispatch.accept(letters, now_utc_ns)
                letters = []
                if writer.budget:
                    spent(writer.budget.spent)
                tell(bus, dispatch.trouble, writer.unknown)
    dispatch.accept([*letters, *writer.rest(now_utc_ns)], now_utc_ns)


def tell(bus: Bus, trouble: str, unknown: str) -> None:
    if unknown:
        said = f"schema percept has no message for results of {unknown}; add retinue/1"
        trouble = "; ".join(filter(None, [said, trouble]))
    bus.report("degraded" if trouble else "running", trouble[:LONGEST_DETAIL])


def main(config: Config, seat: Seat) -> None:
    room = make_room(config.state, "telemetry")
    ledger = Ledger(room / "budget.json")
    dispatch = OutboxDispatch(
        room / "outbox.db", parts.connects(config, room), parts.limits(config)
    )
    with ZmqBus(
        seat.actor,
        config.run,
        parts.topics(config),
        stop=seat.stop,
        tick_hz=TICK_HZ,
        restarts=seat.restarts,
    ) as bus:
        writer = parts.writer(config, ledger.spent)
        run(bus, writer, dispatch, ledger.write, utc_ns() - monotonic_ns())
    dispatch.close()


if __name__ == "__main__":
    start("telemetry", main)
