"""Where streams are watched."""

import re
from itertools import product

import pytest

from actors.config import Camera, Config, Rtsp
from actors.rtsp.mounts import mounts
from actors.settings import Settings
from actors.telemetry.cloud.addresses import addresses, versions
from actors.telemetry.cloud.in_force import of_settings

TWO = (Camera("front"), Camera("yard"))


SWITCH = (None, True, False)


@pytest.mark.parametrize(("raw", "result", "h264"), list(product(SWITCH, SWITCH, SWITCH)))
def test_all_that_the_server_mounts_and_nothing_else(
    raw: bool | None, result: bool | None, h264: bool | None
) -> None:
    settings = Settings(raw_stream=raw, result_stream=result, h264_stream=h264)
    found = addresses(Config(camera=TWO), settings, "eye")
    urls = [url for streams in found.values() for url in streams.values()]
    paths = {url.removeprefix("rtsp://127.0.0.1:8554/") for url in urls}
    assert paths == mounts(["front", "yard"], settings).keys()
    values = of_settings(Config(), settings)
    assert values["H264Stream"] == ("h264raw" in paths)
    assert values["RawStream"] == ("front/raw" in paths)


def test_each_stream_is_beside_its_name() -> None:
    found = addresses(Config(camera=TWO), Settings(), "eye")
    assert found["_percept"]["h264raw"] == "rtsp://127.0.0.1:8554/h264raw"
    assert found["yard"] == {
        "raw": "rtsp://127.0.0.1:8554/yard/raw",
        "result": "rtsp://127.0.0.1:8554/yard/result",
    }


@pytest.mark.parametrize(
    ("rtsp", "host"),
    [
        (Rtsp(users={"viewer": "secret"}), "eye:8554"),
        (Rtsp(users={"viewer": "secret"}, host="::"), "eye:8554"),
        (Rtsp(users={"viewer": "secret"}, host="192.168.1.5", port=99), "192.168.1.5:99"),
        (Rtsp(host="::1"), "[::1]:8554"),
    ],
)
def test_the_host_that_is_listened_on(rtsp: Rtsp, host: str) -> None:
    found = addresses(Config(rtsp=rtsp), Settings(), "eye")
    assert found["front"]["raw"] == f"rtsp://{host}/front/raw"
    assert "secret" not in str(found)


def test_versions_are_those_of_what_runs() -> None:
    found = versions(Config())
    assert re.match(r"3\.\d+", found["python"])
    assert re.match(r"20\d\d\.", found["openvino"])
    assert found["schema"] == "retinue/1"
    assert found["retinue"]
