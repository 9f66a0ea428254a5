"""A device of one thread: it publishes frames and results as a camera and an inference would."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.messages import Box, Frame, FrameRef, Message, Result, Tick
from bus.sockets import ZmqBus
from bus.topics import FRAMES, RESULTS

CAMERA, INFERENCE = "front", "detector"
SIZE = 64, 48
LUMA = 200
BOXES = [Box("person", 0.9, 0.1, 0.2, 0.5, 0.9), Box("person", 0.8, 0.6, 0.2, 0.9, 0.9)]


@contextmanager
def publishing(run_dir: Path) -> Iterator[None]:
    """Fifty frames and results a second, from a thread, until the block ends."""
    stop, ending = socket.socketpair()
    thread = threading.Thread(target=_publish, args=(run_dir, stop))
    thread.start()
    try:
        yield
    finally:
        ending.close()
        thread.join()
        stop.close()


def _publish(run_dir: Path, stop: socket.socket) -> None:
    with ExitStack() as stack:
        pool = stack.enter_context(FrameWriter(run_dir, f"camera-{CAMERA}", SIZE, 8))
        seer = stack.enter_context(ZmqBus(f"inference-{INFERENCE}-a", run_dir))
        bus = stack.enter_context(ZmqBus(f"camera-{CAMERA}", run_dir, stop=stop, tick_hz=50))
        bus.report("running", "as scripted")
        for seq, message in enumerate(ticks(bus)):
            with pool.loan(Stamp(seq, message.now_ns, message.now_utc_ns)) as (ref, picture):
                picture.y[:], picture.u[:], picture.v[:] = LUMA, 128, 128
            frame = frame_of(seq, message, ref)
            bus.send(FRAMES.of(camera=CAMERA), frame)
            seer.send(RESULTS.of(camera=CAMERA, inference=INFERENCE, post="a"), result_of(frame))


def ticks(bus: ZmqBus) -> Iterator[Tick]:
    """Time alone."""
    message: Message
    for message in bus:
        if isinstance(message, Tick):
            yield message


def frame_of(seq: int, tick: Tick, ref: FrameRef) -> Frame:
    return Frame(
        camera=CAMERA,
        frame_seq=seq,
        captured_ns=tick.now_ns,
        captured_utc_ns=tick.now_utc_ns,
        width=SIZE[0],
        height=SIZE[1],
        ref=ref,
    )


def result_of(frame: Frame) -> Result:
    return Result(
        camera=frame.camera,
        frame_seq=frame.frame_seq,
        captured_ns=frame.captured_ns,
        captured_utc_ns=frame.captured_utc_ns,
        ref=frame.ref,
        inference=INFERENCE,
        model="scripted",
        version="1",
        family="ssd",
        device="CPU",
        boxes=BOXES,
    )
