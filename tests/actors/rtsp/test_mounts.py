"""Paths to streams."""

import pytest

from actors.rtsp.mounts import content_base, mounts, path, streams
from actors.settings import Settings

RAW = {"front/raw", "back/raw", "raw", "rawTCP"}
RESULT = {"front/result", "back/result", "result", "resultTCP"}


def test_each_camera_has_two_streams_and_the_first_its_aliases() -> None:
    assert mounts(["front", "back"], Settings()) == {
        "front/raw": "front/raw",
        "front/result": "front/result",
        "back/raw": "back/raw",
        "back/result": "back/result",
        "raw": "front/raw",
        "rawTCP": "front/raw",
        "h264raw": "front/raw",
        "result": "front/result",
        "resultTCP": "front/result",
    }


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Settings(raw_stream=True, h264_stream=True), RAW | RESULT | {"h264raw"}),
        (Settings(raw_stream=False), RESULT),
        (Settings(result_stream=False), RAW | {"h264raw"}),
        (Settings(h264_stream=False), RAW | RESULT),
        (Settings(raw_stream=False, h264_stream=True), RESULT | {"h264raw"}),
        (Settings(raw_stream=False, result_stream=False), set()),
    ],
)
def test_what_is_off_has_no_path(wanted: Settings, shown: set[str]) -> None:
    assert mounts(["front", "back"], wanted).keys() == shown


def test_every_path_shows_a_stream() -> None:
    cameras = ["front", "back"]
    assert set(mounts(cameras, Settings()).values()) == set(streams(cameras))


@pytest.mark.parametrize(
    "uri",
    [
        "rtsp://host:8554/front/raw",
        "rtsp://host/front/raw/",
        "rtsp://user:pw@host/front/raw?a=1&b=2",
        "rtsp://host/front/raw/trackID=0",
        "rtsp://host/front/raw/trackID=0/",
        "rtsp://host/front/raw/?a=1/trackID=0",
        "rtsp://[::1]:8554//front/raw//",
        "/front/raw",
    ],
)
def test_slashes_queries_and_tracks_do_not_matter(uri: str) -> None:
    assert path(uri) == "front/raw"


def test_what_is_no_uri_is_no_path() -> None:
    assert path("rtsp://[::1/front") is None
    assert path("*") == "*"


def test_the_base_for_controls_ends_in_a_slash() -> None:
    assert content_base("rtsp://h:1/front/raw?x=1") == "rtsp://h:1/front/raw/"
    assert content_base("rtsp://h:1/front/raw/") == "rtsp://h:1/front/raw/"
