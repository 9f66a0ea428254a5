"""Log level, a picture now, an upload now: in the file that every actor looks at."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.config import Collect, Config, Upload
from tests.actors.telemetry.cloud.caller import Caller, calling


def test_the_log_level_is_set_and_given_back_to_the_configuration(caller: Caller) -> None:
    said = caller.result("setLogLevel", {"level": "debug"})
    assert said == {"result": "the log level of all actors is debug", "level": "debug"}
    assert caller.settings.look().log_level == "debug"
    said = caller.result("setLogLevel", {"level": None})
    assert said == {"result": "the log level is the configuration's: info", "level": None}
    assert caller.settings.look().log_level is None


def test_a_disk_that_refuses_is_told(caller: Caller, tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("no folder")
    status, error = caller.error("setLogLevel", {"level": "debug"})
    assert (status, "settings.json cannot be written: " in error) == (500, True)


@pytest.mark.parametrize(
    ("configured", "asked", "kept"),
    [(False, None, 0), (True, None, 1), (False, True, 1), (True, False, 0)],
)
def test_a_picture_is_taken_only_where_pictures_are_kept(
    config: Config, configured: bool, asked: bool | None, kept: int
) -> None:
    with calling(replace(config, collect=Collect(enabled=configured))) as caller:
        caller.settings.change({"collect": asked})
        _, status, said = caller.ask("takePicture")
        assert status == (202 if kept else 409), said
        assert caller.settings.look().picture_step == kept


def test_an_upload_is_begun_and_what_waits_is_counted(config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "images" / "front"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"")
    upload = Upload(kind="http", url="https://u:hunter2@h/?sig=t0k3n")
    with calling(replace(config, upload=upload)) as caller:
        said = caller.result("uploadImages", {}, 202)
        assert said["result"].startswith("1 kept pictures go to http now")
        assert said["images"] == 1
        assert caller.settings.look().upload_step == 1


def test_nothing_is_uploaded_to_nowhere(caller: Caller) -> None:
    status, error = caller.error("uploadImages")
    assert (status, "set [upload] kind" in error) == (409, True)
    assert caller.settings.look().upload_step == 0
