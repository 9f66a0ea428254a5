"""A whole device under the real supervisord, and what a test may do to it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from actors.config import Config, load
from actors.inference.desk import Desk
from actors.process import STAGES, actor_names
from actors.tenancy import holder_of, lock_path, make_run_dir, strays
from actors.wiring import models, posts, results
from bus.messages import Health, Message
from bus.sockets import ZmqBus
from bus.topics import FRAMES, HEALTH, OVERLAID, TRUTH, Keep, Topic

ROOT = Path(__file__).parents[2]
DEADLINE_S = 40.0


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Device:
    """`retinue up` as a process, watched through a bus of the test's own."""

    def __init__(self, file: Path, environ: dict[str, str], bus: ZmqBus) -> None:
        self.config = load(file, environ)
        self.environ = environ
        self._messages = iter(bus)
        self.health: dict[str, Health] = {}
        self.seen: list[Message] = []  # what came before the device was up

    @property
    def actors(self) -> list[str]:
        return actors_of(self.config)

    def url(self, mount: str) -> str:
        return f"rtsp://127.0.0.1:{self.config.rtsp.port}/{mount}"

    def until(
        self, done: Callable[[Message], bool], what: str | Callable[[], str]
    ) -> list[Message]:
        """The messages up to the first that is `done`; fails saying what came instead."""
        deadline_s, seen = time.monotonic() + DEADLINE_S, []
        for message in self._messages:
            if isinstance(message, Health):
                self.health[message.actor] = message
            seen.append(message)
            if done(message):
                return seen
            if time.monotonic() > deadline_s:
                break
        states = {name: f"{h.state} {h.detail}" for name, h in self.health.items()}
        wanted = what if isinstance(what, str) else what()
        pytest.fail(f"{wanted}: not in {DEADLINE_S} s, among {len(seen)} messages; {states}")

    def until_up(self) -> None:
        self.seen = self.until(
            lambda _: self.health.keys() >= set(self.actors), "every actor's first health"
        )

    def publisher(self, name: str) -> str:
        """The actor that does the work of `inference-<entry>` now; other names are actors'."""
        if name in self.actors:
            return name
        tenure = Desk(self.config.run, name.removeprefix("inference-")).read()
        assert tenure, f"nobody has held the post of {name}"
        return f"{name}-{tenure.post}"

    def pid(self, actor: str) -> int:
        return holder_of(lock_path(self.config.run, actor))

    def signal(self, actor: str, number: signal.Signals) -> int:
        """Send a signal to an actor's process; its pid."""
        pid = self.pid(actor)
        assert pid, f"{actor} does not run"
        os.kill(pid, number)
        return pid

    def until_back(self, actor: str, dead: int) -> list[Message]:
        return self.until(
            lambda m: isinstance(m, Health) and m.actor == actor and m.pid != dead,
            f"{actor} after {dead}",
        )


def actors_of(config: Config) -> list[str]:
    return [actor for stage in STAGES for actor in actor_names(config, stage)]


def watched(config: Config) -> list[Topic[Any]]:
    """All that a device says, and every message of it."""
    topics: list[Topic[Any]] = [HEALTH.of(actor=actor) for actor in actors_of(config)]
    topics += [*posts(config), *models(config)]
    for camera in config.camera:
        topics += [FRAMES.of(camera=camera.name), OVERLAID.of(camera=camera.name)]
        topics.append(TRUTH.of(camera=camera.name))
        topics += results(config, camera)
    return [topic._replace(keep=Keep.ALL) for topic in topics]


@contextmanager
def running(run_dir: Path, text: str) -> Iterator[Device]:
    """A device with this configuration, ended and looked after at the end of the block."""
    file = run_dir.with_suffix(".toml")
    file.write_text(text)
    state = run_dir.with_suffix(".state")
    environ = os.environ | {"RETINUE_RUN": str(run_dir), "RETINUE_STATE": str(state)}
    make_run_dir(run_dir)
    log = run_dir.with_suffix(".log")
    with ZmqBus("observer", run_dir, watched(load(file, environ)), tick_hz=20) as bus:
        up = start(file, environ, log)
        try:
            device = Device(file, environ, bus)
            device.until_up()
            yield device
        except BaseException:
            sys.stderr.write(log.read_text(errors="replace")[-6000:])
            raise
        finally:
            ended = end(up)
    assert ended == 0
    assert strays(run_dir) == []


def start(file: Path, environ: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """`retinue up` in the background."""
    command = [sys.executable, "-m", "cli.main", "up", "-c", str(file)]
    with log.open("ab") as out:
        return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out)


def end(up: "subprocess.Popen[bytes]", within_s: float = 15) -> int:
    """SIGTERM and its exit status; it must not need SIGKILL."""
    up.terminate()
    try:
        return up.wait(within_s)
    except subprocess.TimeoutExpired:
        up.kill()
        up.wait()
        pytest.fail(f"`retinue up` did not end within {within_s} s of SIGTERM")
