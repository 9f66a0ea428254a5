"""What surrounds every actor's `run`: its configuration, its seat, its log, its signals."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket, socketpair

from actors.config import Config, ConfigError, Inference, load, where
from actors.settings import Settings, SettingsFile
from actors.tenancy import claim, make_run_dir

STAGES = (
    "camera",
    "collect",
    "inference",
    "models",
    "overlay",
    "rtsp",
    "telemetry",
    "watchdog",
)
WATCHDOGS = 2  # one ends the other if it hangs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seat:
    """One process's place in the device."""

    actor: str  # its name on the bus
    index: int  # which of its stage's actors it is, as `actor_names` has them
    restarts: int  # how often it was started again under this supervisor
    stop: socket  # readable once the process is to end
    look: Callable[[], None]  # for `ZmqBus(each_beat=…)`: let the log's level follow the settings


class LogLevel:
    """The level of this process's log: the one that is wanted now, else the configuration's."""

    def __init__(self, configured: str, desired: Callable[[], Settings]) -> None:
        self._configured = self._level = configured
        self._desired = desired

    def look(self) -> None:
        """Costs a `stat` while nothing changes."""
        level = self._desired().log_level or self._configured
        if level != self._level:
            root, self._level = logging.getLogger(), level
            root.setLevel(logging.INFO)  # so that it is said whatever both levels are
            log.info("from here on the log's level is %s", level)
            root.setLevel(level.upper())


def actor_names(config: Config, stage: str) -> list[str]:
    """The actors of a stage: one a camera, one a post of inference, two watchdogs, else one."""
    if stage == "camera":
        return [f"camera-{camera.name}" for camera in config.camera]
    if stage == "inference":
        return [f"inference-{entry.name}-{post}" for entry, post in posts(config)]
    if stage == "watchdog":
        return [f"watchdog-{index}" for index in range(WATCHDOGS)]
    return [stage]


def posts(config: Config) -> list[tuple[Inference, str]]:
    """Every inference entry with each of its posts, in the order of their processes."""
    return [(entry, post) for entry in config.inference for post in entry.posts]


def everyone(config: Config) -> list[str]:
    """All actors of the device."""
    return [actor for stage in STAGES for actor in actor_names(config, stage)]


def start(stage: str, main: Callable[[Config, Seat], None]) -> None:
    """Run `main` with the checked configuration, or exit 78 with the fault on one line."""
    _log_as(stage, "INFO")
    index = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    try:
        config = load(where())
        actor = _named(config, stage, index)
    except ConfigError as error:
        logging.getLogger(stage).critical("%s", error)
        sys.exit(os.EX_CONFIG)
    _log_as(actor, config.log_level.upper())
    level = LogLevel(config.log_level, SettingsFile(config.state).look)
    level.look()
    make_run_dir(config.run)
    seat = Seat(actor, index, claim(config.run, actor), _stop_signal(), level.look)
    try:
        main(config, seat)
    finally:
        seat.stop.close()


def _named(config: Config, stage: str, index: int) -> str:
    names = actor_names(config, stage)
    if index >= len(names):
        raise ConfigError(f"{where()}: {stage}[{index}]: there is no such entry")
    return names[index]


def _log_as(name: str, level: str) -> None:
    pattern = f"%(asctime)s {name:<16} %(levelname)s %(message)s"
    logging.basicConfig(level=level, format=pattern, datefmt="%H:%M:%S", force=True)


def _stop_signal() -> socket:
    """A socket that turns readable on SIGTERM or SIGINT, to be polled with others."""
    stop, wake = socketpair()
    wake.setblocking(False)  # noqa: FBT003 the name says it
    signal.set_wakeup_fd(wake.detach())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return stop
