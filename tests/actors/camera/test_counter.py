import io
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from actors.camera.counter import BLACK, WHITE, counter_size, read_counter, write_counter
from actors.camera.scene import Scene
from actors.scenery import Setting
from bus.pixels import Plane, blank

SIZES = [(64, 64), (65, 67), (320, 240), (640, 361), (1281, 721), (360, 1280), (3840, 2160)]
NUMBERS = [0, 1, 0x5555_5555, 0xAAAA_AAAA, 123_456_789, 2**32 - 1]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_what_is_written_is_read(size: tuple[int, int]) -> None:
    picture = blank(*size, luma=200)
    for number in NUMBERS:
        write_counter(picture, number)
        assert read_counter(picture.y) == number


def test_numbers_start_again_after_32_bits() -> None:
    picture = blank(640, 360)
    write_counter(picture, 2**32 + 5)
    assert read_counter(picture.y) == 5


def test_it_stays_in_its_corner_and_is_grey() -> None:
    picture = blank(641, 361, luma=200)
    picture.u[:], picture.v[:] = 60, 60
    write_counter(picture, 77)
    width, height = counter_size(641, 361)
    outside = np.ones(picture.y.shape, bool)
    outside[-height:, :width] = False
    assert (picture.y[outside] == 200).all()
    assert set(np.unique(picture.y[~outside])) == {BLACK, WHITE}
    for chroma in (picture.u, picture.v):
        assert (chroma[-(height // 2) :, : width // 2] == 128).all()
        assert (chroma[: -(height // 2) - 1] == 60).all()


def test_other_pictures_have_no_number() -> None:
    noise = np.random.default_rng(1)
    for _ in range(300):
        assert read_counter(noise.integers(0, 256, (120, 212), np.uint8)) is None
    for luma in (0, 16, 128, 235, 255):
        assert read_counter(blank(640, 360, luma).y) is None
    assert read_counter(np.zeros((4, 4), np.uint8)) is None


def test_one_wrong_cell_is_noticed() -> None:
    picture = blank(640, 360)
    width, height = counter_size(640, 360)
    for column in range(12):
        write_counter(picture, 1000)
        cell = picture.y[-height:, :width][6:12, (1 + column) * 6 : (2 + column) * 6]
        cell[:] = 255 - cell
        assert read_counter(picture.y) is None


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)], ids=str)
@pytest.mark.parametrize("halved_before", [False, True])
def test_it_survives_h264_at_low_quality_and_halving(
    size: tuple[int, int], halved_before: bool
) -> None:
    scene, picture = Scene(Setting(3), *size), blank(*size)
    indices = [2**32 - 1 - 977 * at for at in range(12)]
    sent = []
    for index in indices:
        scene.draw(index, picture)
        sent.append(_halved(picture.y) if halved_before else picture.y.copy())
    seen = _through_x264(sent)
    assert [read_counter(luma) for luma in seen] == indices
    if not halved_before:
        assert [read_counter(_halved(luma)) for luma in seen] == indices


def _halved(luma: Plane) -> Plane:
    return np.asarray(cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def _through_x264(lumas: list[Plane]) -> list[Plane]:
    coded = io.BytesIO()
    with av.open(coded, "w", format="h264") as container:
        stream: Any = container.add_stream("libx264", rate=30)
        stream.height, stream.width = lumas[0].shape
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 30)
        stream.options = {"preset": "ultrafast", "crf": "35"}
        for at, luma in enumerate(lumas):
            frame = VideoFrame.from_ndarray(luma, "gray").reformat(
                format="yuv420p", src_color_range="JPEG", dst_color_range="JPEG"
            )
            frame.pts = at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    coded.seek(0)
    with av.open(coded, "r", format="h264") as container:
        return [_luma(frame) for frame in container.decode(video=0)]


def _luma(frame: VideoFrame) -> Plane:
    rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
    return rows.reshape(-1, frame.planes[0].line_size)[: frame.height, : frame.width]
