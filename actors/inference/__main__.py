"""Inference: what one model sees in the frames of its cameras.

in   frames/<camera>/               the newest of each camera in turn; of a clip at full
                                    pace, every one
out  results/<camera>/<inference>/  one for each frame that was inferred

While there is no model that works, it says so in its health, publishes nothing and tries
again. The next frame is prepared while the current one infers.
"""

from pathlib import Path

from actors.config import Config
from actors.inference.engine import Engine, EngineLost
from actors.inference.inbox import Inbox
from actors.inference.loader import Loader
from actors.inference.model import Model
from actors.inference.pipeline import Pipeline
from actors.package.reading import PackageError, read_package
from actors.process import Seat, start
from actors.tenancy import make_room
from bus.frame_reader import FrameReader
from bus.messages import Frame, Tick, Woken
from bus.sockets import Bus, ZmqBus
from bus.topics import FRAMES, Keep, Topic
from bus.wake import Wake


def run(bus: Bus, frames: FrameReader, model: Model, inbox: Inbox, name: str) -> None:
    pipeline = Pipeline(bus, frames, inbox, name)
    for message in bus:
        match message:
            case Frame():
                bus.drop(inbox.offer(message))
            case Tick(now_ns=now_ns):
                model.look(bus, now_ns)
                pipeline.look(now_ns)
            case Woken(now_ns=now_ns):
                model.look(bus, now_ns)
        if model.engine:
            try:
                pipeline.turn(model.engine, stepped_down=model.stepped_down)
            except EngineLost as error:
                pipeline.clear()
                model.lost(bus, error)


def main(config: Config, seat: Seat) -> None:
    entry = config.inference[seat.index]
    cameras = config.cameras_of(entry)
    every = {camera.name for camera in cameras if camera.pace == "max"}
    wake, inbox = Wake(), Inbox([camera.name for camera in cameras], every)

    def load(devices: tuple[str, ...]) -> Engine:
        return Engine(
            read_package(entry.package),
            devices,
            _cache_dir(config.state),
            wake.set,
            hint=entry.hint,
            threads=entry.threads,
            threshold=entry.threshold,
        )

    topics = [_frames_of(camera.name, every) for camera in cameras]
    with (
        ZmqBus(
            seat.actor, config.run, topics, stop=seat.stop, wake=wake, restarts=seat.restarts
        ) as bus,
        FrameReader(config.run) as frames,
    ):
        run(bus, frames, Model(entry, Loader(load, wake.set)), inbox, entry.name)


def _cache_dir(state_dir: Path) -> Path:
    try:
        return make_room(state_dir, "cache")
    except OSError as error:
        raise PackageError(f"{error.filename}: {error.strerror}; set RETINUE_STATE") from error


def _frames_of(camera: str, every: set[str]) -> Topic[Frame]:
    keep = Keep.ALL if camera in every else Keep.NEWEST
    return FRAMES.of(camera=camera)._replace(keep=keep)


if __name__ == "__main__":
    start("inference", main)
