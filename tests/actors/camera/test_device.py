"""USB cameras, as far as that goes without one: what is wrong with the device is said."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.config import Camera
from tests.actors.camera.clips import Watched

Watch = Callable[[Camera], Watched]


def test_a_missing_device(watch: Watch) -> None:
    watched = watch(Camera("usb", "v4l2:/dev/v4l/by-id/none"))
    assert watched.until_said("no such device; plugged in?") == (
        "v4l2:/dev/v4l/by-id/none: no such device; plugged in?"
    )
    assert watched.feed.condition(0).state == "degraded"


def test_a_file_is_no_camera(watch: Watch, tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.write_bytes(b"not a camera")
    watch(Camera("usb", f"v4l2:{path}")).until_said("this is no device file")


def test_a_pipe_is_no_camera_and_nobody_hangs_on_it(watch: Watch, tmp_path: Path) -> None:
    path = tmp_path / "video0"
    os.mkfifo(path)
    watch(Camera("usb", f"v4l2:{path}")).until_said("this is no device file")


def test_another_device_is_no_camera(watch: Watch) -> None:
    watch(Camera("usb", "/dev/null", width=640, height=480, fps=30)).until_said("V4L2")


@pytest.mark.skipif(os.getuid() == 0, reason="root may open everything")
def test_a_forbidden_device(watch: Watch) -> None:
    watch(Camera("usb", "/dev/mem")).until_said("add this user to the group `video`")
