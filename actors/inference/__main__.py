"""Inference: what one model sees in the frames of its cameras.

in   frames/<camera>/               the newest of each camera in turn; of a clip at full
                                    pace, every one
     posts/<inference>/<post>/      where the other process of this entry stands
     results/<camera>/<inference>/  the other's, while this one is on trial beside it
out  results/<camera>/<inference>/  one for each frame that was inferred, by who holds the post
     posts/<inference>/<post>/      where this process stands

Each entry has two processes. One holds the post and publishes; the other stands by, light, until
the holder is gone or a newer model is wanted. While there is no model that works, the holder says
so in its health, publishes nothing and tries again.
"""

import os
import threading
from functools import partial
from importlib import import_module

from actors.clock import moment
from actors.config import Config
from actors.inference.desk import Desk
from actors.inference.nodes import better
from actors.inference.slot import Slots
from actors.inference.standby import stand_by
from actors.inference.stored import StoredSlots
from actors.process import Seat, posts, start
from actors.tenancy import retire
from bus.messages import Post
from bus.sockets import ZmqBus
from bus.topics import POST_NAMES, POSTS
from bus.wake import Wake

NICENESS = 10
TICK_HZ = 10  # a slot's file is looked at so often


def main(config: Config, seat: Seat) -> None:
    entry, post = posts(config)[seat.index]
    (other,) = (name for name in POST_NAMES if name != post)
    desk, wake = Desk(config.run, entry.name), Wake()
    slots: Slots = StoredSlots(config, entry, moment)
    own = POSTS.of(inference=entry.name, post=post)
    siblings = [POSTS.of(inference=entry.name, post=other)] if other in entry.posts else []
    desk.seek(wake.set)
    with ZmqBus(
        seat.actor,
        config.run,
        siblings,
        stop=seat.stop,
        wake=wake,
        tick_hz=TICK_HZ,
        restarts=seat.restarts,
        each_beat=seat.look,
    ) as bus:
        said = Post(inference=entry.name, post=post, phase="standby")
        call = stand_by(bus, desk, slots, own, said, partial(better, entry.devices))
        if call is None:
            return
        if call.reason != "vacancy":
            import_gently("actors.inference.shift")
        from actors.inference.shift import work  # noqa: PLC0415 all that is heavy is behind it

        relieved = work(bus, config, seat, desk, slots, wake, call)
    if relieved:
        retire(config.run, seat.actor)


def import_gently(module: str) -> None:
    """In a thread that leaves the processors to whoever publishes; its niceness ends with it."""

    def niced() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        import_module(module)

    thread = threading.Thread(target=niced)
    thread.start()
    thread.join()


if __name__ == "__main__":
    start("inference", main)
    # no clean-up by Python: a thread of OpenVINO that calls back meanwhile would abort the process
    os._exit(os.EX_OK)
