"""A picture as an answer: the next frame, small enough for a hub; and as ONVIF's file."""

import base64
import json
import math
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import cv2
import numpy as np
import pytest

from actors.clock import monotonic_ns
from actors.config import Config
from actors.telemetry.cloud.answers import MOST_BYTES as MOST_ANSWER_BYTES
from actors.telemetry.cloud.answers import Answer, NotDone
from actors.telemetry.cloud.jpeg import fitted
from actors.telemetry.cloud.payloads import Snapshot
from actors.telemetry.cloud.seen import Seen
from actors.telemetry.cloud.snapshot import MOST_BYTES, snapshot, write_snapshot
from bus.messages import Health, State
from bus.pixels import Plane
from tests.actors.telemetry.cloud.caller import DEADLINE_S, Caller
from tests.cli.conftest import ROOT
from tests.publisher import CAMERA, LUMA, SIZE, publishing


def decoded(data: bytes) -> Plane:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def is_grey(picture: Plane) -> bool:
    return abs(float(picture.mean()) - (LUMA - 16) * 255 / 219) < 3


def test_the_next_frame_with_its_number_and_times(caller: Caller, run_dir: Path) -> None:
    with publishing(run_dir):
        said = caller.result("snapshot", {"camera": CAMERA, "stream": "raw"})
        narrow = caller.result("snapshot", {"camera": CAMERA, "stream": "raw", "width": 32})
        wide = caller.result("snapshot", {"camera": CAMERA, "stream": "raw", "width": 4000})
    picture = decoded(base64.b64decode(said["jpeg"]))
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert is_grey(picture)
    assert (said["camera"], said["stream"], said["status"]) == (CAMERA, "raw", "ok")
    assert (said["width"], said["height"]) == (said["frame_width"], said["frame_height"]) == SIZE
    assert said["captured_utc_ns"] > 1_600_000_000 * 10**9
    assert said["captured_utc"].startswith("20")
    assert narrow["frame"] > said["frame"]
    assert decoded(base64.b64decode(narrow["jpeg"])).shape == (24, 32, 3)
    assert (wide["width"], wide["height"]) == SIZE


def says(actor: str, state: State = "running", detail: str = "") -> Health:
    return Health(
        actor=actor,
        stage=actor.partition("-")[0],
        pid=7,
        state=state,
        detail=detail,
        published_ns=monotonic_ns(),
        due_ms=60_000,
    )


def refusal(config: Config, seen: Seen, asked: Snapshot) -> Answer:
    with pytest.raises(NotDone) as refused:
        snapshot(config, asked, seen, lambda: True)
    return refused.value.answer


def test_without_a_picture_the_cameras_own_words_are_told(config: Config) -> None:
    seen, reason = Seen(), "rtsp://***@192.0.2.7/live: connection refused"
    for health in (says("camera-front"), says("camera-back", "degraded", reason)):
        seen.hear(health)
    told = f"no picture of back/raw: camera-back is degraded: {reason}"
    assert refusal(config, seen, Snapshot("back", "raw"))[:2] == (503, {"error": told})
    told = "no picture of front/result: overlay is away"
    assert refusal(config, seen, Snapshot("front"))[:2] == (503, {"error": told})
    seen.hear(says("overlay"))
    late = refusal(config, seen, Snapshot("front"))
    assert late.status == 504
    assert "no frame came on overlay/front/" in late.said["error"]


def test_an_unknown_camera_is_answered_with_those_there_are(caller: Caller) -> None:
    status, error = caller.error("snapshot", {"camera": "side"})
    assert (status, error) == (404, "camera = 'side': no such camera; there are front, back")


def noise(width: int, height: int) -> Plane:
    return np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (333, 37), (1, 1)])
def test_any_picture_fits_and_keeps_its_shape(width: int, height: int) -> None:
    jpeg = fitted(noise(width, height), MOST_BYTES)
    assert len(jpeg.data) <= MOST_BYTES
    assert len(json.dumps(base64.b64encode(jpeg.data).decode())) < MOST_ANSWER_BYTES
    assert decoded(jpeg.data).shape == (jpeg.height, jpeg.width, 3)
    assert math.isclose(jpeg.width * height, jpeg.height * width, abs_tol=max(width, height))


def test_a_plain_picture_stays_large_and_good_and_a_busy_one_is_as_wide_as_asked() -> None:
    plain = fitted(np.full((1080, 1920, 3), 90, np.uint8), MOST_BYTES)
    assert plain[1:] == (1920, 1080, 90)
    assert fitted(noise(1920, 1080), MOST_BYTES, 320).width == 320
    with pytest.raises(ValueError, match="at most 10 bytes"):
        fitted(noise(8, 8), 10)


def test_the_file_for_onvif_is_the_frame_as_it_is(
    caller: Caller, run_dir: Path, tmp_path: Path
) -> None:
    told = SimpleQueue[str]()
    path = tmp_path / "snapshot" / "snapshot.jpg"
    with publishing(run_dir):
        frame = write_snapshot(caller.config, "raw", path, lambda: False)
        first = path.read_bytes()
        caller.methods.keep_snapshot("raw", told.put, monotonic_ns())
        assert told.get(timeout=DEADLINE_S) == ""
    assert decoded(path.read_bytes()).shape == (frame.height, frame.width, 3)
    assert is_grey(decoded(first))
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.parent.stat().st_mode & 0o077 == 0


def test_why_there_is_no_file_is_told(caller: Caller, run_dir: Path, tmp_path: Path) -> None:
    told = SimpleQueue[str]()
    (tmp_path / "snapshot").write_text("no folder")
    with publishing(run_dir):
        caller.methods.keep_snapshot("raw", told.put, monotonic_ns())
        assert "snapshot" in told.get(timeout=DEADLINE_S)


def test_a_process_that_is_asked_for_no_picture_has_no_arrays() -> None:
    code = (
        "import sys, actors.telemetry.cloud.methods;"
        "sys.exit(bool({'numpy', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0
