"""H.264 in and out of libx264, read back with a decoder."""

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from actors.rtsp.encoder import Encoder
from actors.rtsp.h264 import NAL_TYPE_IDR, nal_type
from actors.rtsp.sizing import even
from bus.pixels import I420, blank


def striped(size: tuple[int, int], at: int) -> I420:
    picture = blank(*size, 60)
    picture.y[:, at % size[0]] = 200
    picture.u[:], picture.v[:] = 90, 160
    return picture


def decode(units: list[list[bytes]]) -> list[I420]:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    stream = [b"".join(b"\0\0\0\1" + nal for nal in unit) for unit in units]
    packets = [*map(av.Packet, stream), None]
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    return [I420(*(_plane(plane) for plane in frame.planes)) for frame in frames]


def _plane(plane: av.video.plane.VideoPlane) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width].copy()


def test_each_picture_comes_out_as_it_goes_in() -> None:
    encoder = Encoder((64, 48), 30, 20)
    units = [encoder.encode(striped((64, 48), at), key_frame=at == 0) for at in range(5)]
    assert all(units)
    for at, picture in enumerate(decode(units)):
        assert int(picture.y[24].argmax()) == at
        assert abs(int(picture.u[12, 12]) - 90) <= 3
        assert abs(int(picture.v[12, 12]) - 160) <= 3
    assert len(decode(units)) == 5


def test_key_frames_come_when_asked_and_bring_parameter_sets() -> None:
    encoder = Encoder((64, 48), 30, 20)
    asked = [True, False, False, True, False]
    units = [encoder.encode(striped((64, 48), 0), key_frame=key_frame) for key_frame in asked]
    assert [any(nal_type(nal) == NAL_TYPE_IDR for nal in unit) for unit in units] == asked
    assert [unit[:2] == [*encoder.sets] for unit in units] == asked
    assert len(decode(units[3:])) == 2


def test_parameter_sets_are_the_same_for_the_same_arguments() -> None:
    assert Encoder((64, 48), 30, 20).sets == Encoder((64, 48), 30, 20).sets
    assert Encoder((64, 48), 30, 20).sets.profile_level_id.startswith("42C0")


@pytest.mark.parametrize("size", [(65, 49), (16, 17), (3, 3), (1, 1), (2000, 1400)])
def test_any_size_is_cropped_to_even(size: tuple[int, int]) -> None:
    (picture,) = decode([Encoder(size, 30, 24).encode(striped(size, 0), key_frame=True)])
    assert (picture.width, picture.height) == even(size)
