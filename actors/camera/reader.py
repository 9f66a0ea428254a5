"""Opens and decodes a file, a network stream or a device: the only importer of PyAV.

Pictures leave as planar 4:2:0 in studio range, which is what the bus calls I420: other pixel
formats and full range are converted and a configured size is scaled by one swscale pass (at
720p 0.3 ms to half the size, 0.6 ms for range alone; a fitting picture passes for nothing).
The colour matrix of YUV stays the source's: BT.709 to 601 costs 2 ms for a slight tint.
"""

import errno
import os
import stat
import time
from collections.abc import Iterator
from typing import NamedTuple, Self

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from actors.address import Kind, with_password
from actors.camera.faults import NO_ANSWER, SourceFault, explain
from actors.camera.pacing import SECOND_NS, period_ns
from actors.camera.shot import Size
from actors.config import Camera
from actors.secret import NoSecret, read_secret
from bus.layout import LONGEST_SIDE
from bus.messages import TrueBox
from bus.pixels import I420

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 2.0
FIRST_PICTURE_NS = 10 * SECOND_NS  # a key frame may be this far away
LATER_PICTURE_NS = 2 * SECOND_NS
USUAL_RATE_HZ = 25.0
MOST_RATE_HZ = 240.0
ONE_THREAD_PX = 1920 * 1088  # up to this, frame threads cost 0.4 CPU-ms a picture for nothing

LOW_LATENCY = {  # not fflags=nobuffer: it throws the first key frame away
    "flags": "low_delay",
    "analyzeduration": "1000000",
    "probesize": "500000",
}
RTSP_OPTIONS = {"rtsp_transport": "tcp"}


class Decoded(NamedTuple):
    """A picture as it came, and its time in the clip or stream."""

    media_ns: int
    frame: VideoFrame


class Reader:
    """One opening of a source, from its first picture to its end."""

    def __init__(self, camera: Camera) -> None:
        """Open it or raise `SourceFault`. Waits as long as the source takes to answer."""
        self._kind = camera.address.kind
        self._wanted: Size | None = None
        if camera.width and camera.height:
            self._wanted = camera.width, camera.height
        self._container = _open(camera)
        try:
            self._stream = self._video()
        except SourceFault:
            self._container.close()
            raise
        self._reformatter = VideoReformatter()
        self._media_ns, self._damaged = 0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def live(self) -> bool:
        """Whether it goes at a speed of its own. A recording that a web server has does not."""
        if self._kind == "network":
            return self._container.duration is None or "rtsp" in self._container.format.name
        return self._kind == "v4l2"

    @property
    def rate_hz(self) -> float:
        """The declared rate, or a usual one if it declares none that can be."""
        rate = float(self._stream.guessed_rate or self._stream.average_rate or 0)
        return rate if 0 < rate <= MOST_RATE_HZ else USUAL_RATE_HZ

    def pictures(self) -> Iterator[Decoded]:
        """Pictures up to the end. Damaged ones are counted; `SourceFault` if it breaks off."""
        came_ns, patience_ns, any_came = time.monotonic_ns(), FIRST_PICTURE_NS, False
        try:
            for packet in self._container.demux(self._stream):
                for decoded in self._decode(packet):
                    yield decoded
                    came_ns, patience_ns, any_came = time.monotonic_ns(), LATER_PICTURE_NS, True
                if self.live and time.monotonic_ns() - came_ns > patience_ns:
                    raise SourceFault("data comes, but no picture")
        except av.error.ExitError:
            raise SourceFault(f"no data for {READ_TIMEOUT_S:g} s: is it still on?") from None
        except av.FFmpegError as error:
            if not any_came:
                raise _fault(self._kind, error) from None
            if self.live and error.errno != errno.EIO:  # an HTTP stream's end is that
                why = (error.strerror or "no reason given").lower()
                raise SourceFault(f"the stream broke off: {why}") from None
            self._damaged += not self.live  # a clip cut short: what could be read was shown
        if not any_came:
            raise SourceFault("no picture in it")
        if self.live:
            raise SourceFault("the other side ended the stream")

    def damaged(self) -> int:
        """Pictures that could not be decoded, since this was last asked."""
        damaged, self._damaged = self._damaged, 0
        return damaged

    def fitted(self, frame: VideoFrame) -> VideoFrame:
        """The picture in the format and size that leave here."""
        full = frame.format.name.startswith("yuvj") or frame.color_range == ColorRange.JPEG
        width, height = self._wanted or (frame.width, frame.height)
        if max(width, height) > LONGEST_SIDE:
            raise SourceFault(f"a picture of {width}x{height}: each side is 1 to {LONGEST_SIDE}")
        try:
            return self._reformatter.reformat(
                frame,
                width,
                height,
                "yuv420p",
                interpolation=Interpolation.BILINEAR,
                dst_color_range=ColorRange.MPEG if full else None,
                threads=1,
            )
        except (av.FFmpegError, ValueError) as error:
            raise SourceFault(f"pixel format {frame.format.name}: {error}") from None

    def _video(self) -> VideoStream:
        streams = self._container.streams.video
        if not streams:
            raise SourceFault("no video in it")
        stream = streams[0]
        if stream.codec_context is None:
            raise SourceFault("unsupported codec: no decoder for its video")
        large = stream.width * stream.height > ONE_THREAD_PX
        stream.thread_type = "FRAME" if large and not self.live else "SLICE"
        return stream

    def _decode(self, packet: "av.Packet[VideoStream]") -> Iterator[Decoded]:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self._damaged += 1
            return
        for frame in frames:
            if frame.pts is not None and frame.time_base is not None:
                self._media_ns = int(frame.pts * frame.time_base * SECOND_NS)
            else:  # as in a bare H.264 stream
                self._media_ns += period_ns(self.rate_hz)
            yield Decoded(self._media_ns, frame)


def copy(frame: VideoFrame, out: I420) -> list[TrueBox]:
    """Write a fitted picture into planes of its size. Nothing is known of what it shows."""
    for plane, into in zip(frame.planes, out, strict=True):
        height, width = into.shape
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        into[:] = rows[:height, :width]
    return []


def _open(camera: Camera) -> InputContainer:
    address = camera.address
    try:
        match address.kind:
            case "file":
                _check_file(address.target)
                return av.open(f"file:{address.target}")
            case "v4l2":
                _check_device(address.target)
                return _open_device(camera)
            case _:
                return _open_network(_url(camera))
    except av.FFmpegError as error:
        raise _fault(address.kind, error) from None
    except OSError as error:
        raise SourceFault(explain(address.kind, "", error.errno, error.strerror)) from None


def _url(camera: Camera) -> str:
    """With its password, read anew for each connection."""
    if not camera.password:
        return camera.address.target
    try:
        return with_password(camera.source, read_secret("password", camera.password))
    except NoSecret as error:
        raise SourceFault(str(error)) from None


def _open_network(url: str) -> InputContainer:
    options = LOW_LATENCY | (RTSP_OPTIONS if url.startswith("rtsp") else {})
    began_s = time.monotonic()
    try:
        return av.open(url, options=options, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))
    except av.error.InvalidDataError:
        if time.monotonic() - began_s < OPEN_TIMEOUT_S:
            raise
        raise SourceFault(NO_ANSWER) from None  # RTSP calls an answer that never came invalid


def _open_device(camera: Camera) -> InputContainer:
    """Compressed pictures first: raw ones of HD size do not fit through USB 2 at 30 a second."""
    options = dict(LOW_LATENCY)
    if camera.width and camera.height:
        options["video_size"] = f"{camera.width}x{camera.height}"
    if camera.fps:
        options["framerate"] = f"{camera.fps:g}"
    path, limits = camera.address.target, (OPEN_TIMEOUT_S, READ_TIMEOUT_S)
    try:
        mjpeg = options | {"input_format": "mjpeg"}
        return av.open(path, format="video4linux2", options=mjpeg, timeout=limits)
    except av.ArgumentError:
        return av.open(path, format="video4linux2", options=options, timeout=limits)


def _check_file(path: str) -> None:
    if os.path.isdir(path):  # noqa: PTH112 a path as given, not normalised
        raise SourceFault("a folder, not a file")
    try:
        size = os.stat(path).st_size  # noqa: PTH116 as above
    except FileNotFoundError:
        here = "" if os.path.isabs(path) else f" (looked in {os.getcwd()})"  # noqa: PTH109, PTH117
        raise SourceFault(f"no such file{here}") from None
    if not size and os.path.isfile(path):  # noqa: PTH113 as above
        raise SourceFault("an empty file, 0 bytes")


def _check_device(path: str) -> None:
    """What the library would only call an invalid argument."""
    if not stat.S_ISCHR(os.stat(path).st_mode):  # noqa: PTH116 as above
        raise SourceFault("not a camera: this is no device file; see /dev/v4l/by-id")
    os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))


def _fault(kind: Kind, error: av.FFmpegError) -> SourceFault:
    return SourceFault(explain(kind, type(error).__name__, error.errno, error.strerror))
