"""The camera as a process: what it says, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import Frame, Health, Message
from bus.sockets import ZmqBus
from bus.topics import FRAMES, HEALTH, Topic
from tests.actors.camera.clips import MakeClip

ROOT = Path(__file__).parents[3]
PATIENCE_S = 20

Until = Callable[[Callable[[Message], bool]], Message]


@contextmanager
def camera(run_dir: Path, settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    config = run_dir / "device.toml"
    config.write_text(f"[[camera]]\nname = 'front'\n{settings}\n")
    places = {"RETINUE_RUN": str(run_dir), "RETINUE_CONFIG": str(config)}
    command = [sys.executable, "-m", "actors.camera", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | places) as process:
        yield process
        process.kill()


@pytest.fixture
def until(run_dir: Path) -> Iterator[Until]:
    """The first message of the camera for which something holds."""
    topics: list[Topic[Any]] = [FRAMES.of(camera="front"), HEALTH.of(actor="camera-front")]
    with ZmqBus("observer", run_dir, topics, tick_hz=20) as bus:
        messages = iter(bus)

        def find(wanted: Callable[[Message], bool]) -> Message:
            deadline = time.monotonic() + PATIENCE_S
            for message in messages:
                if wanted(message):
                    return message
                if time.monotonic() > deadline:
                    break
            pytest.fail(f"not seen in {PATIENCE_S} s")

        yield find


def test_the_scene_starts_and_ends_cleanly(run_dir: Path, until: Until) -> None:
    with camera(run_dir, "width = 320\nheight = 240") as process, FrameReader(run_dir) as frames:

        def readable(message: Message) -> bool:
            if not isinstance(message, Frame):
                return False
            try:
                with frames.read(message.ref) as picture:
                    return (picture.width, picture.height) == (320, 240)
            except FrameLost:
                return False

        until(readable)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not list((run_dir / "frames").iterdir())


def test_free_running_at_full_pace_still_hears_the_signal(
    run_dir: Path, until: Until, make_clip: MakeClip
) -> None:
    clip = make_clip("a.mp4")
    with camera(run_dir, f"source = 'file:{clip}'\npace = 'max'") as process:
        until(lambda message: message.seq > 200)
        until(lambda message: isinstance(message, Health) and message.state == "running")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_a_missing_clip_is_told_and_the_camera_stays_up(run_dir: Path, until: Until) -> None:
    with camera(run_dir, "source = 'file:none.mp4'") as process:
        health = until(lambda message: isinstance(message, Health) and message.state == "degraded")
        assert isinstance(health, Health)
        assert health.detail.startswith("file:none.mp4: no such file (looked in ")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
