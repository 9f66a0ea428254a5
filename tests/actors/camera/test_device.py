"""USB cameras, as far as that goes without one: what is wrong with the device is said."""

import os
from collections.abc import Callable, Iterator
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


@pytest.fixture
def forbidden() -> Iterator[str]:
    """A device that this process may not open. Root may open everything, so root is nobody then."""
    terminal, device = os.openpty()
    path, root = os.ttyname(device), os.geteuid() == 0
    Path(path).chmod(0)
    if root:
        os.seteuid(65534)
    yield path
    if root:
        os.seteuid(0)
    os.close(terminal)
    os.close(device)


def test_a_forbidden_device(forbidden: str, watch: Watch) -> None:
    watch(Camera("usb", f"v4l2:{forbidden}")).until_said("add this user to the group `video`")
