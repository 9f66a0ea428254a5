"""Overlay: what was seen, drawn on the frames it was seen in.

in   frames/<camera>/               each held until its results are there (`overlay.align`),
                                    or drawn at once with the newest ones
     results/<camera>/<inference>/
     health/<camera or inference>/  the words to show when one of them is away
out  overlay/<camera>/              one for each frame; the last one again, marked stale,
                                    while no camera delivers

While inference is away, frames pass with a caption that says so. `align` follows `actors.settings`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from actors.config import Config
from actors.overlay.alignment import Alignment
from actors.overlay.easel import Easel, MakePool
from actors.process import Seat, actor_names, start
from actors.settings import Settings, SettingsFile
from actors.wiring import results
from bus.frame_reader import FrameReader
from bus.frame_writer import FrameWriter
from bus.messages import Frame, Health, Result, Tick
from bus.sockets import Bus, ZmqBus
from bus.topics import FRAMES, HEALTH, Keep, Topic

TICK_HZ = 20
MS = 1_000_000


def run(
    bus: Bus,
    frames: FrameReader,
    make_pool: MakePool,
    config: Config,
    desired: Callable[[], Settings],
) -> None:
    """`desired` is what is wanted now; asked on each tick."""
    easels = {
        camera.name: Easel(
            bus,
            frames,
            camera,
            Alignment(
                [entry.name for entry in config.entries_of(camera)],
                config.overlay.hold_ms * MS,
                align=config.overlay.align,
            ),
            make_pool,
            min_score=config.overlay.min_score,
        )
        for camera in config.camera
    }
    bus.report("running")
    for message in bus:
        match message:
            case Health():
                for easel in easels.values():
                    easel.note(message)
            case Result() if message.camera in easels:
                easels[message.camera].alignment.add(message, message.published_ns)
                easels[message.camera].turn(message.published_ns)
            case Frame() if message.camera in easels:
                easels[message.camera].take(message)
                easels[message.camera].turn(message.published_ns)
            case Tick(now_ns=now_ns, now_utc_ns=now_utc_ns):
                wanted = desired().align
                for easel in easels.values():
                    easel.alignment.align = config.overlay.align if wanted is None else wanted
                    easel.turn(now_ns)
                    easel.look(now_ns, now_utc_ns)
    for easel in easels.values():
        easel.close()


def inlets(config: Config) -> list[Topic[Any]]:
    """Results before frames, so that a frame finds its result there already."""
    actors = [f"camera-{camera.name}" for camera in config.camera]
    actors += actor_names(config, "inference")
    topics: list[Topic[Any]] = [HEALTH.of(actor=actor) for actor in actors]
    for camera in config.camera:
        topics += results(config, camera)
        frames = FRAMES.of(camera=camera.name)
        topics.append(frames._replace(keep=Keep.ALL))
    return topics


def main(config: Config, seat: Seat) -> None:
    make_pool = partial(_make_pool, config)
    bus = ZmqBus(
        seat.actor,
        config.run,
        inlets(config),
        stop=seat.stop,
        tick_hz=TICK_HZ,
        restarts=seat.restarts,
        each_beat=seat.look,
    )
    with bus, FrameReader(config.run) as frames:
        run(bus, frames, make_pool, config, SettingsFile(config.state).look)


def _make_pool(config: Config, name: str, size: tuple[int, int]) -> FrameWriter:
    return FrameWriter(config.run, name, size, config.frames.slots, checksum=config.frames.checksum)


if __name__ == "__main__":
    start("overlay", main)
