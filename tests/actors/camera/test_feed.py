"""Clips through the thread that reads them, real and made here."""

import threading
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from actors.camera.feed import Feed
from actors.config import Camera
from bus.pixels import I420
from tests.actors.camera.clips import MakeClip, Watched, clip_camera, picture_of

Watch = Callable[[Camera], Watched]
ORANGE = 230, 120, 40  # RGB, what the made clips show


def colour(picture: I420) -> tuple[int, int, int]:
    """The median colour as a person would see it."""
    blue, green, red = np.median(picture.bgr().reshape(-1, 3), 0)
    return int(red), int(green), int(blue)


def near(one: tuple[int, int, int], other: tuple[int, int, int], off: int = 12) -> bool:
    return all(abs(a - b) <= off for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("name", "frames", "size"),
    [("asl-eat.mkv", 47, (640, 480)), ("car-detection.mp4", 377, (768, 432))],
)
def test_a_real_clip_is_read_whole(
    shared_data: Path, watch: Watch, name: str, frames: int, size: tuple[int, int]
) -> None:
    watched = watch(clip_camera(shared_data / "videos" / name))
    shots = watched.until_end()
    assert len(shots) == frames
    assert {shot.size for shot in shots} == {size}
    assert all(b.captured_ns > a.captured_ns for a, b in pairwise(shots))
    assert watched.feed.lost() == 0


def test_the_end_is_told_when_the_last_picture_was_taken(make_clip: MakeClip) -> None:
    ready = threading.Event()
    with closing(Feed(clip_camera(make_clip("a.mp4", count=2)), ready.set)) as feed:
        while len(feed._shelf) < 2:
            assert ready.wait(20)
            ready.clear()
        feed._thread.join(0.1)
        assert feed.condition(0).state != "degraded"
        assert feed.next(0, 0)
        assert feed.next(0, 0)
        feed._thread.join(20)
        assert "end of clip" in feed.condition(0).detail


def test_a_clip_that_loops_goes_on(make_clip: MakeClip, watch: Watch) -> None:
    watched = watch(clip_camera(make_clip("short.mp4", count=5), loop=True))
    watched.until(lambda: len(watched.shots) >= 23)
    assert "running" in watched.feed.condition(0).state


def test_real_time_is_kept_across_the_loop(make_clip: MakeClip, watch: Watch) -> None:
    watched = watch(clip_camera(make_clip("short.mp4", count=4), pace="realtime", loop=True))
    watched.until(lambda: len(watched.shots) >= 10)
    first, last = watched.shots[0], watched.shots[-1]
    assert last.captured_ns - first.captured_ns >= 8 * 40_000_000
    assert "320x240 at 25" in watched.detail


def test_a_clip_is_thinned_by_its_own_times(make_clip: MakeClip, watch: Watch) -> None:
    watched = watch(clip_camera(make_clip("long.mp4", count=50), fps=5.0))
    assert len(watched.until_end()) == 10


def test_a_clip_is_scaled_to_the_camera(make_clip: MakeClip, watch: Watch) -> None:
    watched = watch(clip_camera(make_clip("a.mp4"), width=161, height=91))
    shots = watched.until_end()
    assert {shot.size for shot in shots} == {(161, 91)}
    assert near(colour(picture_of(shots[0])), ORANGE)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("plain.mp4", "libx264", "yuv420p"),
        ("full.mkv", "mjpeg", "yuvj420p"),
        ("full422.mkv", "mjpeg", "yuvj422p"),
        ("444.mkv", "libx264", "yuv444p"),
        ("ten.mkv", "libx264", "yuv420p10le"),
        ("rgb.mkv", "ffv1", "bgr0"),
        ("planar.mkv", "ffv1", "gbrp10le"),
        ("raw.avi", "rawvideo", "bgr24"),
    ],
)
def test_any_pixel_format_has_its_colours(
    make_clip: MakeClip, watch: Watch, name: str, codec: str, pixels: str
) -> None:
    clip = make_clip(
        name, (322, 241) if codec in {"ffv1", "mjpeg"} else (322, 242), codec=codec, pixels=pixels
    )
    shots = watch(clip_camera(clip)).until_end()
    assert len(shots) == 10
    assert near(colour(picture_of(shots[5])), ORANGE), colour(picture_of(shots[5]))


@pytest.mark.parametrize("pixels", ["gray", "gray10le", "gray16le"])
def test_grey_is_grey(make_clip: MakeClip, watch: Watch, pixels: str) -> None:
    shots = watch(clip_camera(make_clip("grey.mkv", codec="ffv1", pixels=pixels))).until_end()
    red, green, blue = colour(picture_of(shots[0]))
    assert abs(red - green) <= 2
    assert abs(green - blue) <= 2
    assert 125 <= red <= 165  # orange's luma


@pytest.mark.parametrize("size", [(1, 1), (17, 33), (321, 241)], ids=str)
def test_odd_sizes(make_clip: MakeClip, watch: Watch, size: tuple[int, int]) -> None:
    shots = watch(clip_camera(make_clip("odd.mkv", size, codec="ffv1", count=2))).until_end()
    assert [shot.size for shot in shots] == [size, size]
    assert picture_of(shots[0]).y.shape == size[::-1]


def test_8k(make_clip: MakeClip, watch: Watch) -> None:
    clip = make_clip("8k.mkv", (7680, 4320), codec="mjpeg", pixels="yuvj420p", count=1)
    whole = watch(clip_camera(clip)).until_end()
    small = watch(clip_camera(clip, width=640, height=360)).until_end()
    assert [shot.size for shot in whole + small] == [(7680, 4320), (640, 360)]
    assert near(colour(picture_of(small[0])), ORANGE)


def test_a_clip_that_changes_size_is_read_on(
    make_clip: MakeClip, watch: Watch, tmp_path: Path
) -> None:
    joined = tmp_path / "joined.h264"
    parts = make_clip("a.h264", (320, 240)), make_clip("b.h264", (176, 144))
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    shots = watch(clip_camera(joined)).until_end()
    assert [shot.size for shot in shots] == [(320, 240)] * 10 + [(176, 144)] * 10
    assert near(colour(picture_of(shots[-1])), ORANGE)


def test_a_clip_cut_short_is_read_as_far_as_it_goes(
    make_clip: MakeClip, watch: Watch, tmp_path: Path
) -> None:
    whole = make_clip("whole.ts", (640, 360), count=30).read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[: len(whole) // 2])
    shots = watch(clip_camera(cut)).until_end()
    assert 5 < len(shots) < 30


def test_damage_is_counted_and_survived(shared_data: Path, watch: Watch, tmp_path: Path) -> None:
    data = bytearray((shared_data / "videos" / "asl-eat.mkv").read_bytes())
    random = np.random.default_rng(3)
    for at in random.integers(8000, len(data), 400):
        data[at] ^= 0xFF
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(data)
    watched = watch(clip_camera(broken))
    assert watched.until_end()
    assert watched.feed.lost() > 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.mp4", b"", "an empty file, 0 bytes"),
        ("text.mp4", b"this is no clip\n" * 100, "no video that can be read"),
        ("head.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "no video that can be read"),
        ("folder.mp4", None, "a folder, not a file"),
    ],
)
def test_what_is_no_clip_says_so(
    watch: Watch, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    detail = watch(clip_camera(path)).until_said(said)
    assert detail.startswith(f"file:{path}: ")


def test_a_cut_head_says_so(make_clip: MakeClip, watch: Watch) -> None:
    clip = make_clip("a.mp4", count=50)
    clip.write_bytes(clip.read_bytes()[:2000])  # its index was at the end
    watch(clip_camera(clip)).until_said("no video that can be read")


def test_sound_alone_says_so(watch: Watch, tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        container.mux(stream.encode(silence))
    watch(clip_camera(path)).until_said("no video in it")


def test_a_missing_clip_says_where_it_was_looked_for_and_is_found_later(
    make_clip: MakeClip, watch: Watch, tmp_path: Path
) -> None:
    watched = watch(clip_camera("no/such.mp4"))
    assert f"no such file (looked in {Path.cwd()})" in watched.until_said("no/such.mp4: ")
    late = watch(clip_camera(tmp_path / "late.mp4"))
    late.until_said("no such file")
    make_clip("late.mp4")
    assert len(late.until_end()) == 10
