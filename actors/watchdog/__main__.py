"""Watchdog: ends processes that hang, and has dead ones started again at once.

in   health/ACTOR/       of every other actor: silence past its own deadline is a hang
     the actors' locks   who is alive at all
out  health/watchdog-N/  its own; `detail` names the last process it ended

There are two, alike, and each watches the other as it does everybody else: one that hangs is ended
too, and what hangs meanwhile is ended by the other. They agree on nothing: both may end the same
process or wake supervisord for the same death, and the second time is without effect. While both
are away nobody ends what hangs, and a dead program is back after up to two seconds.
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

STAGE = "watchdog"
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
                locks = {actor: lock_path(run_dir, actor) for actor in actors}
                holders = {actor: holder_of(lock) for actor, lock in locks.items()}
                for hung in deadlines.overdue(holders, now_ns):
                    end(hung, locks[hung.actor])
                    bus.report("running", f"ended {hung.actor}: {hung.reason}")


def end(hung: Hung, lock: Path) -> None:
    """SIGKILL, which a stopped process obeys too; its end is not waited for.

    The other watchdog may have been first. The descriptor then is a dead process's or none, and
    whoever holds the lock by now lives on.
    """
    with suppress(ProcessLookupError):
        process = os.pidfd_open(hung.pid)
        try:
            if holder_of(lock) == hung.pid:
                log.warning("ending %s, process %d: %s", *hung)
                signal.pidfd_send_signal(process, signal.SIGKILL)
        finally:
            os.close(process)


def others(config: Config, own: str) -> list[str]:
    """Whom this watchdog watches. Opening and closing its own lock's file would free the lock."""
    return [actor for actor in everyone(config) if actor != own]


def main(config: Config, seat: Seat) -> None:
    actors = others(config, seat.actor)
    supervisord = Path(os.environ.get("SUPERVISOR_SERVER_URL", "").removeprefix("unix://"))
    topics = [HEALTH.of(actor=actor) for actor in actors]
    with (
        closing(Deaths()) as deaths,
        ZmqBus(
            seat.actor,
            config.run,
            topics,
            stop=seat.stop,
            wake=deaths,
            tick_hz=TICK_HZ,
            restarts=seat.restarts,
            each_beat=seat.look,
        ) as bus,
    ):
        run(bus, deaths, supervisord, config.run, actors)


if __name__ == "__main__":
    start(STAGE, main)
