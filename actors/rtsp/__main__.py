"""RTSP: everything that can be watched, for whoever asks; encoded only while someone does.

in   health/camera-*/, health/overlay/   what is said while no picture comes
     frames/*/     each, as `<camera>/raw`
     overlay/*/    each, as `<camera>/result`
out  done/<camera>/<stream>/   of a camera at full pace: which picture of a watched stream it has
                               done with

While a camera or the overlay is away, viewers keep their connection and see the last picture
with the reason on it, five times a second. Which streams there are, their rate and their size
follow `actors.settings`, and only those who watch what is switched off lose it.
"""

from collections.abc import Callable

from actors.config import Config
from actors.process import Seat, start
from actors.rtsp.programme import Programme
from actors.rtsp.server import RtspServer, Server
from actors.settings import Settings, SettingsFile
from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import Frame, Health, Tick, Woken
from bus.sockets import Bus, ZmqBus
from bus.topics import DONE
from bus.wake import Wake

TICK_HZ = 10.0


def run(
    bus: Bus, frames: FrameReader, server: Server, config: Config, desired: Callable[[], Settings]
) -> None:
    """`desired` is what is wanted now; asked on each tick."""
    programme = Programme(config)
    for message in bus:
        match message:
            case Health():
                programme.words.hear(message, programme.now_ns)
            case Frame():
                try:
                    if programme.show(server, frames, message):
                        bus.finished(message.captured_ns)
                except FrameLost:
                    bus.drop()
                if done := programme.done(message):
                    bus.send(DONE.of(camera=done.camera, stream=done.stream), done)
            case Woken(now_ns=now_ns):
                bus.drop(programme.follow(server, now_ns))
            case Tick(now_ns=now_ns, now_utc_ns=now_utc_ns):
                programme.converge(server, desired())
                trouble = server.tick(now_ns)
                bus.drop(programme.follow(server, now_ns))
                programme.remind(server, now_utc_ns)
                bus.report("degraded" if trouble else "running", trouble or programme.detail)


def main(config: Config, seat: Seat) -> None:
    wake, topics = Wake(), Programme.topics(config)
    with (
        RtspServer(config.rtsp, [camera.name for camera in config.camera], wake.set) as server,
        ZmqBus(
            seat.actor,
            config.run,
            topics,
            stop=seat.stop,
            wake=wake,
            tick_hz=TICK_HZ,
            restarts=seat.restarts,
            each_beat=seat.look,
        ) as bus,
        FrameReader(config.run) as frames,
    ):
        run(bus, frames, server, config, SettingsFile(config.state).look)


if __name__ == "__main__":
    start("rtsp", main)
