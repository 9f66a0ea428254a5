"""Camera: pictures from one source into a frame pool, each announced on the bus.

in   results/<camera>/*, overlay/<camera>/   at full pace only: who is done with which picture,
     done/<camera>/*                         of those who watch too,
     health/ of those actors                 and whether they are up at all
out  frames/<camera>/   one for each picture
     truth/<camera>/    with `scene:`, what really is in that picture

A source that is missing, fails or ends makes the camera degraded, with the reason; it is
tried again for as long as the camera lives. At full pace the camera keeps less than WINDOW
pictures ahead of its consumers, one picture a loop turn, so signals and health have their turn.
"""

from collections.abc import Callable
from contextlib import closing
from functools import partial

from actors.camera.publisher import Publisher
from actors.camera.shot import Source
from actors.camera.sources import open_source
from actors.camera.window import WINDOW, Window, consumer, consumers
from actors.config import Config
from actors.process import Seat, start
from bus.frame_writer import FrameWriter
from bus.messages import Done, Frame, Health, Result, Tick, Woken
from bus.sockets import Bus, ZmqBus
from bus.wake import Wake


def run(
    bus: Bus, source: Source, publisher: Publisher, window: Window, again: Callable[[], None]
) -> None:
    """Publish what the source has. `again` asks for another turn of the loop, at once."""
    for message in bus:
        match message:
            case Tick(now_ns=now_ns, now_utc_ns=utc_ns) | Woken(now_ns=now_ns, now_utc_ns=utc_ns):
                shot = source.next(now_ns, utc_ns) if window.open(now_ns) else None
                if shot:
                    window.published(publisher.publish(shot), now_ns)
                    if source.more:
                        again()
                bus.drop(source.lost())
                state, detail = source.condition(now_ns)
                bus.report("degraded" if publisher.trouble else state, publisher.trouble or detail)
            case Health(actor=actor, state=state):
                if state not in {"starting", "standby"}:
                    window.present(consumer(actor))
            case Result(inference=name, frame_seq=seq, published_ns=now_ns):
                window.finished(f"inference-{name}", seq, now_ns)
                again()
            case Frame(frame_seq=seq, published_ns=now_ns):
                window.finished("overlay", seq, now_ns)
                again()
            case Done(stream=stream, frame_seq=seq, published_ns=now_ns):
                window.finished(f"rtsp {stream}", seq, now_ns)
                again()


def main(config: Config, seat: Seat) -> None:
    camera = config.camera[seat.index]
    heard, frames = consumers(config, camera), config.frames
    awaited = {consumer(topic.owner) for topic in heard if topic.carries is not Done}
    window = Window(awaited, min(WINDOW, frames.slots // 2))
    make_pool = partial(
        FrameWriter, config.run, seat.actor, slots=frames.slots, checksum=frames.checksum
    )
    with (
        closing(Wake()) as wake,
        closing(open_source(camera, wake.set)) as source,
        ZmqBus(
            seat.actor,
            config.run,
            heard,
            stop=seat.stop,
            wake=wake,
            tick_hz=source.tick_hz,
            restarts=seat.restarts,
            each_beat=seat.look,
        ) as bus,
        closing(Publisher(bus, camera.name, make_pool)) as publisher,
    ):
        run(bus, source, publisher, window, wake.set)


if __name__ == "__main__":
    start("camera", main)
