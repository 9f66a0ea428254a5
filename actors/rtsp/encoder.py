"""H.264 by libx264: I420 in, access units out. The only importer of `av` in this stage.

Frequent, small and immediate is what viewers of a live camera want: the fastest preset without
look-ahead or B-frames, so each picture comes out as it goes in. Key frames come when asked for.
"""

import os
from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags
from av.video.frame import PictureType

from actors.rtsp.h264 import NAL_TYPE_IDR, ParameterSets, nal_type, parameter_sets, split
from actors.rtsp.sizing import Size, even
from bus.pixels import I420

LARGE_PX = 1920 * 1088  # above it one core may not keep up
MOST_THREADS = 4
BT601, STUDIO_RANGE = 6, 1  # H.264 table E-3 to E-5, as bus.pixels defines I420
NEVER = "100000"  # pictures: key frames are timed by the caller


class Encoder:
    """One size, one setting. `sets` are the same for the same arguments."""

    def __init__(self, size: Size, fps: float, quality: int) -> None:
        self.size = width, height = even(size)
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.framerate = Fraction(fps).limit_denominator(1001)
        context.time_base = 1 / context.framerate
        context.thread_count = 1 if width * height <= LARGE_PX else _threads()
        context.flags |= Flags.global_header  # parameter sets right after opening
        context.color_range, context.colorspace = STUDIO_RANGE, BT601
        context.color_primaries = context.color_trc = BT601
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": str(quality),
            "forced-idr": "1",
            "g": NEVER,
        }
        context.open()
        self._context, self._count = context, 0
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self.sets: ParameterSets = parameter_sets(context.extradata or b"")

    def encode(self, picture: I420, *, key_frame: bool) -> list[bytes]:
        """The NAL units of a picture of this size (or one more row or column)."""
        for plane, pixels in zip(self._frame.planes, picture, strict=True):
            into = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            into[: plane.height, : plane.width] = pixels[: plane.height, : plane.width]
        self._frame.pts, self._count = self._count, self._count + 1
        self._frame.pict_type = PictureType.I if key_frame else PictureType.NONE
        nals = [nal for packet in self._context.encode(self._frame) for nal in split(bytes(packet))]
        if any(nal_type(nal) == NAL_TYPE_IDR for nal in nals):
            return [*self.sets, *nals]
        return nals


def _threads() -> int:
    return min(MOST_THREADS, os.cpu_count() or 1)
