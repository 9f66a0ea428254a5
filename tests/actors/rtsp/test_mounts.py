"""Paths to streams."""

import pytest

from actors.rtsp.mounts import content_base, mounts, path


def test_each_camera_has_two_streams_and_the_first_its_aliases() -> None:
    assert mounts(["front", "back"]) == {
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
