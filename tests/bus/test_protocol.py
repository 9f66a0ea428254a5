"""docs/protocol.md is the truth for strangers: here a stranger reads the bus by it alone."""

import mmap
import socket
import struct
from pathlib import Path

import msgpack
import msgspec
import pytest
import zmq

from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.messages import SENT, Box, Frame, FrameRef, Message, Result, TrueBox
from bus.sockets import ZmqBus
from bus.topics import FRAMES, RESULTS, TABLE

DOCUMENT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
KINDS = SENT.__args__


@pytest.mark.parametrize("kind", [*KINDS, Box, TrueBox], ids=lambda kind: kind.__name__)
def test_every_field_is_documented(kind: type[Message]) -> None:
    names = [field.name for field in msgspec.structs.fields(kind)]
    assert [name for name in names if f"`{name}`" not in DOCUMENT] == []


@pytest.mark.parametrize("pattern", TABLE, ids=lambda pattern: pattern.name)
def test_every_topic_is_documented_with_its_owner_and_kind(pattern: object) -> None:
    (row,) = [row for row in TABLE if row is pattern]
    lines = [line for line in DOCUMENT.splitlines() if line.startswith(f"| `{row.name}`")]
    assert len(lines) == 1
    assert f"`{row.owner}`" in lines[0]
    assert f"| `{row.carries.__struct_config__.tag}` |" in lines[0]
    assert lines[0].rstrip(" |").endswith("yes" if row.resent else "no")


def pixels_by_hand(run_dir: Path, ref: dict[str, int | str]) -> bytes:
    """Steps 1 to 7 of the document, with the standard library."""
    with socket.socket(socket.AF_UNIX) as life:
        life.connect(str(run_dir / "frames" / f"{ref['pool']}.sock"))
        greeting, (pixels_fd, leases_fd), _, _ = socket.recv_fds(life, 16, 2)
        magic, epoch = struct.unpack("<8sQ", greeting)
        assert (magic, epoch) == (b"RTNPOOL1", ref["epoch"])
        memory = mmap.mmap(pixels_fd, 0, prot=mmap.PROT_READ)
        leases = mmap.mmap(leases_fd, 4096)
        width, height, slots, _, _, stride, first = struct.unpack_from("<IIIIIQQ", memory, 20)
        slot = int(ref["slot"])
        assert slot < slots
        leases[8 * slot : 8 * slot + 8] = struct.pack("<Q", ref["generation"])
        generation_at = 4096 + 64 * slot
        assert struct.unpack_from("<Q", memory, generation_at) == (ref["generation"],)
        chroma = ((width + 1) // 2) * ((height + 1) // 2)
        start = first + slot * stride
        seen = memory[start : start + width * height + 2 * chroma]
        assert struct.unpack_from("<Q", memory, generation_at) == (ref["generation"],)
        leases[8 * slot : 8 * slot + 8] = bytes(8)
    return seen


def test_a_stranger_gets_results_and_the_very_frame_they_were_made_on(run_dir: Path) -> None:
    with (
        FrameWriter(run_dir, "camera-front", (5, 3), slots=4) as pool,
        ZmqBus("inference-eye-a", run_dir) as inference,
    ):
        with pool.loan(Stamp(41, 1, 2)) as (ref, picture):
            picture.y[:], picture.u[:], picture.v[:] = 10, 20, 30
        result = Result(
            camera="front",
            frame_seq=41,
            captured_ns=1,
            captured_utc_ns=2,
            ref=ref,
            inference="eye",
            model="m",
            version="1",
            family="ssd",
            device="CPU",
            boxes=[Box("person", 0.5, 0.1, 0.2, 0.3, 0.4)],
        )
        context = zmq.Context()
        stranger = context.socket(zmq.SUB)
        stranger.connect(f"ipc://{run_dir}/bus/inference-eye-a.sock")
        stranger.subscribe("results/front/")
        for _ in range(200):
            inference.send(RESULTS.of(camera="front", inference="eye", post="a"), result)
            if stranger.poll(25):
                break
        topic, zero, body = stranger.recv(zmq.DONTWAIT).partition(b"\0")
        context.destroy(linger=0)
        seen = msgpack.unpackb(body)
        assert (topic, zero) == (b"results/front/eye/", b"\0")
        assert seen["kind"] == "result"
        assert seen["boxes"][0] == {
            "label": "person", "score": 0.5, "x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4,
        }  # fmt: skip
        assert pixels_by_hand(run_dir, seen["ref"]) == b"\x0a" * 15 + b"\x14" * 6 + b"\x1e" * 6


def test_a_stranger_gets_frames_the_short_way(run_dir: Path) -> None:
    with (
        ZmqBus("camera-front", run_dir) as camera,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger,
    ):
        stranger.settimeout(10)
        stranger.connect(f"{run_dir}/bus/camera-front.direct")
        stranger.send(b"frames/front/\0")
        frame = Frame(
            camera="front",
            frame_seq=7,
            captured_ns=1,
            captured_utc_ns=2,
            width=5,
            height=3,
            ref=FrameRef("camera-front", 1, 0, 9),
        )
        camera.send(FRAMES.of(camera="front"), frame)
        seen = msgpack.unpackb(stranger.recv(4096))
    assert (seen["kind"], seen["frame_seq"], seen["ref"]["generation"]) == ("frame", 7, 9)


def test_frames_are_announced_as_documented() -> None:
    assert FRAMES.of(camera="front").name == "frames/front/"
    frame = msgspec.json.decode(
        b'{"kind":"frame","camera":"front","frame_seq":1,"captured_ns":1,"captured_utc_ns":1,'
        b'"width":2,"height":2,"ref":{"pool":"p","epoch":1,"slot":0,"generation":1},"new":1}',
        type=Frame,
    )
    assert (frame.format, frame.status, frame.seq) == ("I420", "ok", -1)
