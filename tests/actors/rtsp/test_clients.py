"""The stage as its own process, watched with the players that people have."""

import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

import av
import numpy as np
import pytest
from av.container import InputContainer

from actors.rtsp import rtcp
from actors.rtsp.protocol import Interleaved, Request
from actors.tenancy import make_run_dir
from bus.frame_writer import FrameWriter
from bus.frames import Stamp
from bus.messages import Frame, Health, Tick
from bus.sockets import ZmqBus
from bus.topics import FRAMES, HEALTH
from tests.programs import program

USER, PASSWORD = "ann", "open sesame"
SIZE = (320, 240)
PATIENCE_S = 20
ROOT = Path(__file__).parents[3]


class Camera:
    """Frames at 25 a second, from a thread, until it is stopped: a grey ramp in motion."""

    def __init__(self, run_dir: Path, size: tuple[int, int] = SIZE) -> None:
        self._run_dir, self._size = run_dir, size
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.close()
        self._thread.join()
        self._stopped.close()

    def _run(self) -> None:
        topic = FRAMES.of(camera="front")
        with (
            FrameWriter(self._run_dir, "front", self._size, 6) as pool,
            ZmqBus(topic.owner, self._run_dir, stop=self._stopped, tick_hz=25) as bus,
        ):
            bus.report("running")
            for seq, tick in enumerate(bus):
                assert isinstance(tick, Tick)
                bus.send(topic, self._frame(pool, seq, tick))

    def _frame(self, pool: FrameWriter, seq: int, tick: Tick) -> Frame:
        width, height = self._size
        with pool.loan(Stamp(seq, tick.now_ns, tick.now_utc_ns)) as (ref, picture):
            picture.y[:] = (np.arange(width) + seq) % 100 + 50
            picture.u[:], picture.v[:] = 100, 150
        return Frame(
            camera="front",
            frame_seq=seq,
            captured_ns=tick.now_ns,
            captured_utc_ns=tick.now_utc_ns,
            width=width,
            height=height,
            ref=ref,
        )


class Stage(NamedTuple):
    """A running stage."""

    run_dir: Path
    port: int
    process: subprocess.Popen[bytes]

    def url(self, path: str = "front/raw", *, password: str = "") -> str:
        who = f"{USER}:{password.replace(' ', '%20')}@" if password else ""
        return f"rtsp://{who}127.0.0.1:{self.port}/{path}"


@contextmanager
def stage(users: str = "") -> Iterator[Stage]:
    """Start the stage, wait until it listens, and end it with SIGTERM."""
    run_dir = Path(tempfile.mkdtemp(prefix="rt-"))
    make_run_dir(run_dir)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = run_dir / "device.toml"
    config.write_text(
        '[[camera]]\nname = "front"\n'
        f'[rtsp]\nhost = "127.0.0.1"\nport = {port}\nkey_frame_s = 0.5\nusers = {{{users}}}\n'
    )
    own = {"CONFIG": config, "RUN": run_dir, "STATE": run_dir / "state"}
    environ = {**os.environ, **{f"RETINUE_{name}": str(path) for name, path in own.items()}}
    command = [sys.executable, "-m", "actors.rtsp"]
    with subprocess.Popen(command, cwd=ROOT, env=environ) as process:
        try:
            _wait_until_running(run_dir)
            yield Stage(run_dir, port, process)
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
    shutil.rmtree(run_dir)


def _wait_until_running(run_dir: Path) -> None:
    with ZmqBus("test", run_dir, [HEALTH.of(actor="rtsp")]) as bus:
        for message in bus:
            if isinstance(message, Health) and message.state == "running":
                return


@pytest.fixture(scope="module")
def device() -> Iterator[Stage]:
    """A stage and a camera for all tests that change neither."""
    with stage() as running, Camera(running.run_dir):
        yield running


@pytest.fixture(scope="module")
def guarded() -> Iterator[Stage]:
    """The same with a user."""
    with stage(f'"{USER}" = "{PASSWORD}"') as running, Camera(running.run_dir):
        yield running


@pytest.fixture
def tool() -> Callable[[str], str]:
    """The path of a program; without it a test is skipped, on CI it fails."""

    return program


Tool = Callable[[str], str]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def watch(url: str, transport: str = "tcp") -> InputContainer:
    timeout_us = str(PATIENCE_S * 1_000_000)
    options = {"rtsp_transport": transport, "timeout": timeout_us, "analyzeduration": "100000"}
    return av.open(url, options=options)


@pytest.mark.parametrize(
    ("transport", "path"), [("tcp", "front/raw"), ("udp", "raw/"), ("udp", "rawTCP?x=1")]
)
def test_pyav_decodes_every_frame(device: Stage, transport: str, path: str) -> None:
    with watch(device.url(path), transport) as container:
        frames = [frame for _, frame in zip(range(12), container.decode(video=0), strict=False)]
    times_s = [frame.time for frame in frames if frame.time is not None]
    steps_s = np.diff(np.array(times_s))
    assert len(steps_s) >= 10  # FFmpeg gives the first frame no time
    assert steps_s.min() > 0
    assert np.median(steps_s) == pytest.approx(0.04, abs=0.02)
    luma = frames[-1].to_ndarray()[: SIZE[1]]
    assert luma.shape == (SIZE[1], SIZE[0])
    assert int(luma.min()) == pytest.approx(50, abs=12)
    assert int(luma.max()) == pytest.approx(149, abs=12)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_plays(device: Stage, tool: Tool, transport: str) -> None:
    done = command(
        *(tool("ffmpeg"), "-v", "error", "-rtsp_transport", transport, "-i", device.url()),
        *("-frames:v", "10", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-y", "/dev/null"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_ffprobe_reads_the_description(device: Stage, tool: Tool) -> None:
    shown = "stream=codec_name,profile,width,height,color_space,color_range"
    done = command(tool("ffprobe"), "-v", "error", "-show_entries", shown, device.url())
    fields = dict(re.findall(r"(\w+)=(.*)", done.stdout))
    assert fields == {
        "codec_name": "h264",
        "profile": "Constrained Baseline",
        "width": "320",
        "height": "240",
        "color_space": "smpte170m",
        "color_range": "tv",
    }


def gstreamer(program: str, decoded: Path, *source: str) -> int:
    """How many pictures it decoded. Its status says less: it may trip over its own closing."""
    chain = ["rtph264depay", "avdec_h264", "identity eos-after=10", f"filesink location={decoded}"]
    elements = [part for element in chain for part in ("!", *element.split())]
    command(program, "-q", "rtspsrc", "latency=50", *source, *elements)
    return decoded.stat().st_size // (SIZE[0] * SIZE[1] * 3 // 2)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_gstreamer_plays(device: Stage, tool: Tool, transport: str, tmp_path: Path) -> None:
    source = [f"location={device.url()}", f"protocols={transport}"]
    assert gstreamer(tool("gst-launch-1.0"), tmp_path / "i420", *source) >= 9


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_gives_its_password(guarded: Stage, transport: str) -> None:
    with watch(guarded.url(password=PASSWORD), transport) as container:
        assert next(container.decode(video=0)).width == SIZE[0]


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_stranger_sees_nothing(guarded: Stage, password: str) -> None:
    with pytest.raises(av.error.HTTPUnauthorizedError):
        watch(guarded.url(password=password))


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_gstreamer_gives_its_password(
    guarded: Stage, tool: Tool, transport: str, tmp_path: Path
) -> None:
    who = [f"user-id={USER}", f"user-pw={PASSWORD}"]
    source = [f"location={guarded.url()}", f"protocols={transport}", *who]
    assert gstreamer(tool("gst-launch-1.0"), tmp_path / "i420", *source) >= 9


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_viewer_outlives_the_camera_and_sees_the_next_one(transport: str) -> None:
    with stage() as running:
        with Camera(running.run_dir):
            container = watch(running.url(), transport)
            frames = container.decode(video=0)
            assert next(frames).to_ndarray()[: SIZE[1]].max() < 180
        brightest = 0
        while brightest < 200:  # white letters on the last picture
            brightest = next(frames).to_ndarray()[: SIZE[1]].max()
        with Camera(running.run_dir, (160, 120)):
            while next(frames).width != 160:
                pass
        container.close()


def test_without_a_camera_there_is_a_dark_picture_with_words() -> None:
    with stage() as running, watch(running.url("front/result")) as container:
        luma = next(container.decode(video=0)).to_ndarray()[:720]
        assert luma.shape == (720, 1280)
        assert luma.max() > 200
        assert np.median(luma) < 60


def test_sigterm_says_goodbye() -> None:
    with stage() as running, Camera(running.run_dir):
        with socket.create_connection(("127.0.0.1", running.port), PATIENCE_S) as client:
            transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
            client.sendall(bytes(Request("SETUP", running.url(), (("CSeq", "1"), transport))))
            reply = client.recv(4096).decode()
            session = ("Session", reply.partition("Session: ")[2].partition(";")[0])
            client.sendall(bytes(Request("PLAY", running.url(), (("CSeq", "2"), session))))
            select.select([client], [], [], PATIENCE_S)
            running.process.terminate()
            received = b""
            while data := client.recv(1 << 16):
                received += data
        assert running.process.wait(PATIENCE_S) == 0
        last = Interleaved.parse(received[received.rindex(b"$\x01") :])
        assert isinstance(rtcp.parse(last.payload)[-1], rtcp.Bye)
