"""Watchdog: ends processes that hang, and has dead ones started again at once.

in   health/ACTOR/       of every other actor: silence past its own deadline is a hang
     the actors' locks   who is alive at all
out  health/watchdog/    its own; `detail` names the last process it ended

While it is away nobody ends what hangs, and a dead program is back after up to two seconds.
"""

import logging
import os
import signal
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from actors.config import Config
from actors.process import Seat, everyone, start
from actors.tenancy import holder_of, lock_path
from actors.watchdog.deadlines import Deadlines, Hung
from actors.watchdog.deaths import Deaths, nudge
from actors.watchdog.pace import Pace
from bus.messages import Health, Tick, Woken
from bus.sockets import Bus, ZmqBus
from bus.topics import HEALTH

log = logging.getLogger(__name__)

NAME = "watchdog"
TICK_HZ = 4


def run(bus: Bus, deaths: Deaths, supervisord: Path, run_dir: Path, actors: Sequence[str]) -> None:
    deadlines, pace = Deadlines(), Pace()
    bus.report("running")
    for message in bus:
        match message:
            case Health(actor=actor, pid=pid):
                deadlines.heard(message)
                deaths.watch(actor, pid)
            case Woken(now_ns=now_ns):
                if [actor for actor in deaths.take() if pace.allows(actor, now_ns)]:
                    nudge(supervisord)
            case Tick(now_ns=now_ns):
                holders = {actor: holder_of(lock_path(run_dir, actor)) for actor in actors}
                for hung in deadlines.overdue(holders, now_ns):
                    end(hung)
                    bus.report("running", f"ended {hung.actor}: {hung.reason}")


def end(hung: Hung) -> None:
    """SIGKILL, which a stopped process obeys too; its end is not waited for."""
    log.warning("ending %s, process %d: %s", *hung)
    with suppress(ProcessLookupError):
        os.kill(hung.pid, signal.SIGKILL)


def main(config: Config, seat: Seat) -> None:
    others = [actor for actor in everyone(config) if actor != NAME]  # see tenancy: our own lock
    supervisord = Path(os.environ.get("SUPERVISOR_SERVER_URL", "").removeprefix("unix://"))
    topics = [HEALTH.of(actor=actor) for actor in others]
    with (
        closing(Deaths()) as deaths,
        ZmqBus(
            NAME,
            config.run,
            topics,
            stop=seat.stop,
            wake=deaths,
            tick_hz=TICK_HZ,
            restarts=seat.restarts,
        ) as bus,
    ):
        run(bus, deaths, supervisord, config.run, others)


if __name__ == "__main__":
    start(NAME, main)
