"""The real bus: real sockets, every wait for a message with a deadline."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from socket import socketpair
from typing import Any

import pytest
import zmq
from msgspec import msgpack

from bus.health import SECOND_NS
from bus.messages import Box, Frame, FrameRef, Health, Message, Result, Tick, Woken
from bus.sockets import ZmqBus
from bus.topics import FRAMES, HEALTH, RESULTS, Keep, Topic, endpoint, prefix, split
from bus.wake import Wake
from bus.zeromq import HIGH_WATER_MARK

REF = FrameRef("camera-front", 1, 2, 3)
FRONT = FRAMES.of(camera="front")
SEEN = RESULTS.of(camera="front", inference="eye", post="a")


def frame(number: int = 0, camera: str = "front") -> Frame:
    return Frame(
        camera=camera,
        frame_seq=number,
        captured_ns=number,
        captured_utc_ns=0,
        width=2,
        height=2,
        ref=REF,
    )


def result(number: int) -> Result:
    return Result(
        camera="front",
        frame_seq=number,
        captured_ns=0,
        captured_utc_ns=0,
        ref=REF,
        inference="eye",
        model="m",
        version="1",
        family="ssd",
        device="CPU",
        boxes=[Box("cat", 0.5, 0, 0, 1, 1)],
    )


Open = Callable[..., ZmqBus]


@pytest.fixture
def open_bus(run_dir: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def open_one(actor: str, topics: list[Topic[Any]] | None = None, **options: Any) -> ZmqBus:
            options = {"tick_hz": 50} | options
            return stack.enter_context(ZmqBus(actor, run_dir, topics or [], **options))

        yield open_one


def until(bus: ZmqBus, done: Callable[[Message], bool], send: Callable[[], None]) -> list[Message]:
    """Messages up to the first that is `done`; `send` is called on every tick."""
    seen: list[Message] = []
    for message in bus:
        if isinstance(message, Tick):
            if len(seen) > 2000:
                break
            send()
        seen.append(message)
        if done(message):
            return seen
    pytest.fail(f"not among {len(seen)} messages")


def test_frames_arrive_numbered_and_stamped(open_bus: Open) -> None:
    camera, eye = open_bus("camera-front"), open_bus("eye", [FRONT])
    seen = until(
        eye,
        lambda m: isinstance(m, Frame) and m.seq >= 5,
        lambda: camera.send(FRONT, frame()),
    )
    frames = [m for m in seen if isinstance(m, Frame)]
    assert [m.seq for m in frames] == list(range(frames[0].seq, 6))
    assert all(m.published_ns > 0 and m.ref == REF for m in frames)


def test_a_name_is_no_prefix_of_a_longer_one(open_bus: Open) -> None:
    """`frames/front/` does not get `frames/front2/`, even from the same publisher."""
    camera, eye = open_bus("camera-front"), open_bus("eye", [FRONT._replace(keep=Keep.ALL)])
    other = FRAMES.of(camera="front2")

    def both() -> None:
        camera.send(other, frame(1, "front2"))
        camera.send(FRONT, frame(2))

    seen = until(eye, lambda m: isinstance(m, Frame) and m.seq > 3, both)
    assert {m.camera for m in seen if isinstance(m, Frame)} == {"front"}


def joined(camera: ZmqBus, eye: ZmqBus) -> None:
    until(eye, lambda m: isinstance(m, Frame), lambda: camera.send(FRONT, frame()))


def test_a_late_subscriber_skips_to_the_newest_and_knows_how_many(open_bus: Open) -> None:
    camera = open_bus("camera-front")
    eye = open_bus("eye", [FRONT], clock_ns=lambda: time.monotonic_ns() + SECOND_NS)  # late
    joined(camera, eye)
    for number in range(10):
        camera.send(FRONT, frame(number))
    seen = until(eye, lambda m: isinstance(m, Frame) and m.frame_seq == 9, lambda: None)
    assert len([m for m in seen if isinstance(m, Frame)]) < 10
    assert eye._meter.losses.dropped >= 9 - len(seen)


def test_keep_all_takes_each(open_bus: Open) -> None:
    camera, eye = open_bus("camera-front"), open_bus("eye", [FRONT._replace(keep=Keep.ALL)])
    joined(camera, eye)
    for number in range(1, 11):
        camera.send(FRONT, frame(number))
    seen = until(eye, lambda m: isinstance(m, Frame) and m.frame_seq == 10, lambda: None)
    numbers = [m.frame_seq for m in seen if isinstance(m, Frame) and m.frame_seq]
    assert numbers == list(range(1, 11))
    assert eye._meter.losses.dropped == 0


def test_what_is_taken_at_ticks_wakes_nobody_and_is_whole(open_bus: Open) -> None:
    topic = SEEN._replace(keep=Keep.ALL_AT_TICKS)
    seer, eye = open_bus("inference-eye-a"), open_bus("eye", [topic])
    assert len(eye._inbound._takers) == len(open_bus("other")._inbound._takers)
    until(eye, lambda m: isinstance(m, Result), lambda: seer.send(SEEN, result(0)))
    many = HIGH_WATER_MARK // 2
    for number in range(1, many + 1):
        seer.send(SEEN, result(number))
    seen = until(eye, lambda m: isinstance(m, Result) and m.frame_seq == many, lambda: None)
    numbers = [m.frame_seq for m in seen if isinstance(m, Result) and m.frame_seq]
    assert numbers == list(range(1, many + 1))
    assert eye._meter.losses.dropped == 0


def test_a_skipped_number_is_a_gap_that_is_counted(open_bus: Open) -> None:
    camera, eye = open_bus("camera-front"), open_bus("eye", [FRONT._replace(keep=Keep.ALL)])
    joined(camera, eye)
    camera.skip(FRONT)
    camera.skip(FRONT)
    camera.send(FRONT, frame(7))
    until(eye, lambda m: isinstance(m, Frame) and m.frame_seq == 7, lambda: None)
    assert eye._meter.losses.dropped == 2


def test_a_subscriber_that_never_reads_holds_nobody_up(open_bus: Open, run_dir: Path) -> None:
    camera = open_bus("camera-front")
    context = zmq.Context()
    sub = context.socket(zmq.SUB)
    sub.connect(endpoint(run_dir, "camera-front"))
    sub.subscribe(b"")
    for number in range(100 * HIGH_WATER_MARK):
        camera.send(FRONT, frame(number))
    context.destroy(linger=0)


def test_state_is_sent_again_to_whoever_subscribes(open_bus: Open) -> None:
    actor = open_bus("overlay")
    actor.report("degraded", "the lens is off")
    turning = threading.Event()

    def turn() -> None:
        for _ in actor:
            if turning.is_set():
                return

    thread = threading.Thread(target=turn)
    thread.start()
    late = open_bus("late", [HEALTH.of(actor="overlay")])
    try:
        seen = until(late, lambda m: isinstance(m, Health), lambda: None)
    finally:
        turning.set()
        thread.join()
    health = seen[-1]
    assert isinstance(health, Health)
    assert (health.state, health.detail) == ("degraded", "the lens is off")


def test_a_restarted_publisher_is_found_again(open_bus: Open, run_dir: Path) -> None:
    eye = open_bus("eye", [FRONT])
    for _ in range(2):
        with ZmqBus("camera-front", run_dir) as camera:
            joined(camera, eye)
    assert eye._meter.losses.dropped == 0


RESULT = prefix(SEEN.name)


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ([b"results/front/eye/"], 0),  # not subscribed to
        ([RESULT], 1),
        ([RESULT + b"\xff\xfe"], 1),
        ([RESULT, b""], 2),
        ([RESULT + msgpack.encode({"kind": "result", "camera": 3})], 1),
        ([RESULT + msgpack.encode({"kind": "surprise"})], 1),
        ([RESULT + msgpack.encode([1, 2, 3])], 1),
        ([RESULT, b"a", b"b", b"c"], 4),  # of each part that makes no message
    ],
)
def test_what_cannot_be_read_is_counted_and_passed_over(
    open_bus: Open, parts: list[bytes], refused: int
) -> None:
    seer, eye = open_bus("inference-eye-a"), open_bus("eye", [SEEN])
    until(eye, lambda m: isinstance(m, Result), lambda: seer.send(SEEN, result(0)))
    seer._pub.send_multipart(parts)
    seer.send(SEEN, result(1))
    until(eye, lambda m: isinstance(m, Result) and m.frame_seq == 1, lambda: None)
    assert eye._meter.losses.malformed == refused


def test_what_waits_is_taken_though_nothing_new_comes(open_bus: Open, run_dir: Path) -> None:
    """ZeroMQ's descriptor tells of news, not of what waits: more than one look takes is no news."""
    seer, eye = open_bus("inference-eye-a"), open_bus("eye", [SEEN])
    with zmq.Context() as context, context.socket(zmq.SUB) as pace:
        pace.connect(endpoint(run_dir, "inference-eye-a"))
        pace.subscribe(RESULT)
        while not pace.poll(10):
            seer.send(SEEN, result(0))
        until(eye, lambda m: isinstance(m, Result), lambda: seer.send(SEEN, result(0)))
        bad = RESULT + b"\xff"
        for _ in range(2 * HIGH_WATER_MARK):
            seer._pub.send(bad)
            while pace.recv() != bad:  # it has left the publisher, so none is lost there,
                pass
            assert seer._pub.get(zmq.EVENTS)  # and the publisher has heard that it has room
        seer.send(SEEN, result(1))
    until(eye, lambda m: isinstance(m, Result) and m.frame_seq == 1, lambda: None)
    assert eye._meter.losses.malformed == 2 * HIGH_WATER_MARK
    assert eye._meter.losses.dropped == 0


def test_the_last_words_of_the_dead_are_taken_and_the_next_is_heard(
    open_bus: Open, run_dir: Path
) -> None:
    eye = open_bus("eye", [FRONT._replace(keep=Keep.ALL)])
    said = (message for message in eye if isinstance(message, Frame) and message.frame_seq)
    for life in (10, 20, 30):
        with ZmqBus("camera-front", run_dir) as camera:
            joined(camera, eye)
            for number in range(3):
                camera.send(FRONT, frame(life + number))
        words = [next(said) for _ in range(3)]
        assert [word.frame_seq for word in words] == [life, life + 1, life + 2]


@pytest.mark.parametrize("body", [b"\0", b"frames/front/", b"\xff" * 5000])
def test_neither_is_what_comes_the_short_way(open_bus: Open, body: bytes) -> None:
    camera, eye = open_bus("camera-front"), open_bus("eye", [FRONT])
    joined(camera, eye)
    camera._direct.send(prefix(FRONT.name), body)
    until(eye, lambda _: eye._meter.losses.malformed == 1, lambda: None)
    joined(camera, eye)


def test_unknown_fields_are_ignored(open_bus: Open) -> None:
    camera, eye = open_bus("camera-front"), open_bus("eye", [FRONT])
    joined(camera, eye)
    wire = msgpack.decode(msgpack.encode(frame(9))) | {"colour_of_the_sky": "grey"}
    camera._direct.send(prefix(FRONT.name), msgpack.encode(wire))
    until(eye, lambda m: isinstance(m, Frame) and m.frame_seq == 9, lambda: None)


def test_a_wake_from_another_thread_turns_up(open_bus: Open) -> None:
    wake = Wake()
    bus = open_bus("camera-front", wake=wake, tick_hz=1)
    thread = threading.Thread(target=wake.set)
    thread.start()
    until(bus, lambda m: isinstance(m, Woken), lambda: None)
    thread.join()
    wake.close()


def test_a_stop_ends_the_loop_and_says_so(open_bus: Open) -> None:
    stop, asked = socketpair()
    with stop, asked:
        bus = open_bus("overlay", stop=stop)
        asked.send(b"\0")
        assert list(bus) == []
        assert bus._meter.state == "stopping"


def test_what_is_to_be_done_at_each_beat_is_done(open_bus: Open) -> None:
    """By a clock of its own, a quarter of a second at each look."""
    looks = count(0, SECOND_NS // 4)
    called: list[str] = []
    bus = open_bus(
        "eye", each_beat=lambda: called.append("beat"), clock_ns=lambda: next(looks), tick_hz=4
    )
    messages = iter(bus)
    while len(called) < 4:
        assert isinstance(next(messages), Tick)
    assert next(looks) > 3 * SECOND_NS


def test_finished_work_shows_in_health(open_bus: Open) -> None:
    clock = iter(range(0, 10**12, 10_000_000))
    bus = open_bus("inference-a-a", clock_ns=lambda: next(clock))
    topic = RESULTS.of(camera="front", inference="a", post="a")
    for number in range(20):
        bus.send(topic, result(number))
    health = bus._meter.health(next(clock), rss_bytes=0)
    assert health.fps > 0
    assert health.latency_ms_p50 is not None


def test_a_message_is_split_at_its_first_zero_byte() -> None:
    assert split(prefix("frames/front/") + b"\0body\0") == ("frames/front/", b"\0body\0")
    with pytest.raises(ValueError, match="zero byte"):
        split(b"frames/front/")


def test_the_bus_alone_is_light() -> None:
    """Watchdogs and commands need no pixels: NumPy and OpenCV are 25 MiB and half a second."""
    code = "import sys, bus.sockets; sys.exit(bool({'numpy', 'cv2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
