"""The frame pool, with real descriptors and, where it matters, real processes."""

import mmap
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.frame_reader import FrameReader
from bus.frame_writer import FrameWriter
from bus.frames import FrameLost, PoolFull, Stamp, TornFrame
from bus.handover import socket_path
from bus.layout import GREETING, PAGE
from bus.memory import NoMemory, available_bytes
from bus.messages import FrameRef

SIZE = (64, 48)


@pytest.fixture
def writer(run_dir: Path) -> Iterator[FrameWriter]:
    with FrameWriter(run_dir, "camera", SIZE, slots=4, checksum=True) as writer:
        yield writer


@pytest.fixture
def reader(run_dir: Path) -> Iterator[FrameReader]:
    with FrameReader(run_dir) as reader:
        yield reader


def write(writer: FrameWriter, value: int) -> FrameRef:
    with writer.loan(Stamp(value, value * 10, value * 100)) as (ref, picture):
        for plane in picture:
            plane[:] = value
    return ref


def until_readers(writer: FrameWriter, count: int) -> None:
    """The writer's thread notices within its next turn; a deadline, not a wait."""
    noticed = threading.Event()
    for _ in range(500):
        if writer.readers == count:
            return
        noticed.wait(0.01)
    pytest.fail(f"{writer.readers} readers, {count} expected")


def test_what_is_written_is_read_in_place(writer: FrameWriter, reader: FrameReader) -> None:
    held = reader.hold(write(writer, 7))
    assert [int(plane.min()) for plane in held.picture] == [7, 7, 7]
    assert not any(plane.flags.writeable for plane in held.picture)
    assert held.stamp == Stamp(7, 70, 700)
    held.verify()
    held.release()


def test_a_leased_frame_is_not_overwritten(writer: FrameWriter, reader: FrameReader) -> None:
    with reader.read(write(writer, 1)) as picture:
        for value in range(2, 20):
            write(writer, value)
        assert int(picture.y[0, 0]) == 1


def test_a_released_slot_is_used_again(writer: FrameWriter, reader: FrameReader) -> None:
    first = reader.hold(write(writer, 1))
    first.release()
    first.release()
    refs = [write(writer, value) for value in range(2, 6)]
    assert first.ref.slot in {ref.slot for ref in refs}
    with pytest.raises(FrameLost, match="gave way"):
        reader.hold(first.ref)


def test_a_frame_overwritten_while_it_is_read_is_told(
    writer: FrameWriter, reader: FrameReader
) -> None:
    """A reader over its quota (half the slots) has lost its oldest, whatever it leases."""
    with pytest.raises(FrameLost), reader.read(write(writer, 1)):
        held = [reader.hold(write(writer, value)) for value in (2, 3)]
        write(writer, 4)
        write(writer, 5)
    for one in held:
        one.check()
        one.release()


def test_when_all_slots_are_leased_the_new_frame_is_dropped(
    run_dir: Path, writer: FrameWriter, reader: FrameReader
) -> None:
    with FrameReader(run_dir) as other:
        mine = [reader.hold(write(writer, value)) for value in (1, 2)]
        theirs = [other.hold(write(writer, value)) for value in (3, 4)]
        with pytest.raises(PoolFull, match="all 4 slots"):
            write(writer, 5)
        mine[0].release()
        write(writer, 6)
        for one in theirs:
            one.check()


def test_a_loan_that_fails_is_never_readable(writer: FrameWriter, reader: FrameReader) -> None:
    with pytest.raises(ZeroDivisionError), writer.loan(Stamp(1, 1, 1)) as (ref, _):
        _ = 1 / 0
    with pytest.raises(FrameLost, match="one being written"):
        reader.hold(ref)


def test_a_restarted_writer_is_found_and_the_old_frames_are_lost(
    run_dir: Path, reader: FrameReader
) -> None:
    with FrameWriter(run_dir, "camera", SIZE, slots=4) as before:
        old = write(before, 1)
        kept = reader.hold(old)
    with FrameWriter(run_dir, "camera", (32, 16), slots=4) as after:
        with reader.read(write(after, 2)) as picture:
            assert (picture.width, picture.height) == (32, 16)
        assert int(kept.picture.y[0, 0]) == 1  # a held picture outlives its writer
        with pytest.raises(FrameLost):
            reader.hold(old)
        kept.release()


def test_a_pool_whose_writer_is_gone_is_lost(run_dir: Path, reader: FrameReader) -> None:
    with FrameWriter(run_dir, "camera", SIZE, slots=4) as writer:
        ref = write(writer, 1)
    with pytest.raises(FrameLost, match="its writer is gone"):
        reader.hold(ref)
    assert list((run_dir / "frames").iterdir()) == []


@pytest.mark.parametrize("slot", [-1, 4, 1 << 40])
def test_a_ref_to_no_slot_is_lost(writer: FrameWriter, reader: FrameReader, slot: int) -> None:
    ref = write(writer, 1)
    with pytest.raises(FrameLost, match="no slot"):
        reader.hold(FrameRef(ref.pool, ref.epoch, slot, ref.generation))


def test_wrong_pixels_are_called_torn(writer: FrameWriter, reader: FrameReader) -> None:
    held = reader.hold(write(writer, 1))
    writer._memory[writer.layout.slot_at(held.ref.slot)] = 99
    with pytest.raises(TornFrame, match="checksum"):
        held.verify()
    held.release()


READ_AND_WAIT = """
import sys
from pathlib import Path
from bus.frame_reader import FrameReader
from bus.messages import FrameRef
run_dir, epoch, slot, generation = sys.argv[1:]
reader = FrameReader(Path(run_dir))
held = reader.hold(FrameRef("camera", int(epoch), int(slot), int(generation)))
print("held", flush=True)
sys.stdin.read()
"""


def test_leases_of_a_killed_reader_are_free_at_once(run_dir: Path, writer: FrameWriter) -> None:
    ref = write(writer, 1)
    command = [sys.executable, "-c", READ_AND_WAIT, str(run_dir)]
    command += [str(number) for number in (ref.epoch, ref.slot, ref.generation)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        assert writer.leased == {ref.slot}
        process.send_signal(signal.SIGSTOP)
        assert writer.leased == {ref.slot}
        process.kill()
        process.wait()
        until_readers(writer, 0)
        assert writer.leased == set()


def connected(run_dir: Path) -> tuple[socket.socket, int, int]:
    """A peer by hand: its connection and the two descriptors."""
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.connect(str(socket_path(run_dir, "camera")))
    _, (pixels, leases), _, _ = socket.recv_fds(peer, GREETING.size, 2)
    return peer, pixels, leases


def test_a_hostile_reader_cannot_write_a_pixel(run_dir: Path, writer: FrameWriter) -> None:
    peer, pixels, leases = connected(run_dir)
    with peer:
        with pytest.raises(PermissionError):
            mmap.mmap(pixels, PAGE)
        with pytest.raises(PermissionError):
            os.open(f"/proc/self/fd/{pixels}", os.O_WRONLY | os.O_TRUNC)
        again = os.open(f"/proc/self/fd/{pixels}", os.O_RDWR)
        with pytest.raises(PermissionError):
            mmap.mmap(again, PAGE)
        with pytest.raises(PermissionError):
            os.pwrite(again, b"x", PAGE)
        for fd in (again, leases):  # a shorter file would end the writer with SIGBUS
            with pytest.raises(PermissionError):
                os.ftruncate(fd, 0)
        for fd in (again, pixels, leases):
            os.close(fd)
    assert write(writer, 1).generation == 1


def test_a_hostile_reader_that_leases_everything_stops_nobody(
    run_dir: Path, writer: FrameWriter
) -> None:
    peer, pixels, leases = connected(run_dir)
    with peer:
        page = mmap.mmap(leases, PAGE)
        page[:] = b"\xff" * PAGE
        for value in range(1, 9):
            write(writer, value)
    for fd in (pixels, leases):
        os.close(fd)


def test_a_reader_that_speaks_is_let_go(run_dir: Path, writer: FrameWriter) -> None:
    peer, pixels, leases = connected(run_dir)
    for fd in (pixels, leases):
        os.close(fd)
    with peer:
        peer.sendall(b"GET / HTTP/1.1\r\n")
        ended = select.poll()
        ended.register(peer, select.POLLIN)
        assert ended.poll(5000)
        until_readers(writer, 0)


def test_what_is_not_a_pool_is_lost(run_dir: Path, reader: FrameReader) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as impostor:
        impostor.bind(str(socket_path(run_dir, "camera")))
        impostor.listen()
        answer = threading.Thread(target=lambda: impostor.accept()[0].close())  # noqa: PLW0108 reads best
        answer.start()
        with pytest.raises(FrameLost):
            reader.hold(FrameRef("camera", 1, 0, 1))
        answer.join()


def test_a_writer_that_does_not_answer_holds_nobody_up(run_dir: Path, reader: FrameReader) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as mute:
        mute.bind(str(socket_path(run_dir, "camera")))
        mute.listen()
        for _ in range(2):
            with pytest.raises(FrameLost, match="does not answer yet"):
                reader.hold(FrameRef("camera", 1, 0, 1))


def test_a_pool_that_does_not_fit_is_refused_with_the_numbers(run_dir: Path) -> None:
    with pytest.raises(NoMemory, match=r"[\d,]+ bytes wanted for 256 frames .* [\d,]+ available"):
        FrameWriter(run_dir, "camera", (16384, 16384), slots=256)
    assert available_bytes() < 16384 * 16384 * 256


def test_nothing_is_left_open(run_dir: Path) -> None:
    def open_fds() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    def one_life() -> None:
        with (
            FrameWriter(run_dir, "camera", SIZE, slots=4) as writer,
            FrameReader(run_dir) as reader,
            reader.read(write(writer, 1)),
        ):
            pass

    one_life()
    before = open_fds()
    for _ in range(20):
        one_life()
    assert open_fds() == before


def test_no_torn_frame_is_accepted_under_load(run_dir: Path, writer: FrameWriter) -> None:
    """A reader in another process, over its quota all the time, against a writer at full pace."""
    script = READ_ALL.format(run=run_dir)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for value in range(1, 4000):
            ref = write(writer, value % 251)
            process.stdin.write(f"{ref.epoch} {ref.slot} {ref.generation}\n")
        process.stdin.close()
        accepted, lost = map(int, process.stdout.read().split())
        assert process.wait() == 0
    assert accepted + lost == 3999
    assert accepted > 0


READ_ALL = """
import sys
from pathlib import Path
import numpy as np
from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import FrameRef
reader = FrameReader(Path("{run}"))
accepted = lost = 0
for line in sys.stdin:
    epoch, slot, generation = map(int, line.split())
    try:
        with reader.read(FrameRef("camera", epoch, slot, generation)) as picture:
            low, high = int(picture.y.min()), int(picture.v.max())
    except FrameLost:
        lost += 1
    else:
        assert low == high == generation % 251, (low, high, generation)
        accepted += 1
print(accepted, lost)
"""
