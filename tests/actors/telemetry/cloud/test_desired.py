"""The twin's desired properties on real files: versions, order, crashes and disks that refuse."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from actors.settings import Settings, SettingsFile
from actors.telemetry.cloud.desired import RETRY_NS, Desired
from actors.telemetry.cloud.twin import Outcome
from tests.actors.telemetry.cloud.documents import SECRET, Document
from tests.actors.telemetry.cloud.rig import desired_in, settings_in, take, wish_in

URL = f"https://blob.example/m.zip?sig={SECRET}"


def twin(version: int, **properties: object) -> Document:
    return Document(is_patch=False, desired={"$version": version, **properties})


def patch(version: int, **properties: object) -> Document:
    return Document(is_patch=True, desired={"$version": version, **properties})


def outcome(desired: Desired, name: str) -> Outcome:
    return desired.told().outcomes[name]


def record(state: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((state / "telemetry" / "twin.json").read_text())
    return found


def test_percepts_default_deployment_is_taken_as_it_is(tmp_path: Path) -> None:
    default = {
        "Logging": True,
        "ModelZipUrl": "",
        "RawStream": True,
        "ResultStream": True,
        "Running": True,
        "TelemetryIntervalNeuralNetworkMs": 60000,
    }
    desired = desired_in(tmp_path, entries=())
    take(desired, twin(3, **default))
    assert settings_in(tmp_path) == Settings(
        log_level="debug", raw_stream=True, result_stream=True, interval_ms=60000
    )
    assert {told.status for told in desired.told().outcomes.values()} == {"applied"}
    assert "Running" not in desired.told().outcomes


def test_a_model_for_a_device_without_an_entry_is_refused(tmp_path: Path) -> None:
    desired = desired_in(tmp_path, entries=())
    take(desired, twin(1, ModelZipUrl=URL, models={"street": {"model": "a"}}))
    assert "no [[inference]] entry" in outcome(desired, "ModelZipUrl").description
    assert outcome(desired, "models").description == (
        "'street': no such inference entry; there are none"
    )


def test_the_level_counts_before_the_switch_and_the_switch_is_remembered(tmp_path: Path) -> None:
    desired = desired_in(tmp_path)
    take(desired, twin(1, Logging=True, LogLevel="warning"))
    assert settings_in(tmp_path).log_level == "warning"
    take(desired, patch(2, LogLevel=None))
    assert settings_in(tmp_path).log_level == "debug"
    take(desired, patch(3, Logging=False))
    assert settings_in(tmp_path).log_level is None


def test_an_old_patch_is_ignored(tmp_path: Path) -> None:
    desired = desired_in(tmp_path)
    take(desired, twin(5, StreamFPS=10), patch(5, StreamFPS=11), patch(4, StreamFPS=12))
    assert settings_in(tmp_path).stream_fps == 10
    take(desired_in(tmp_path), patch(5, StreamFPS=11), patch(6, StreamFPS=13))
    assert settings_in(tmp_path).stream_fps == 13


def test_a_patch_without_a_version_counts(tmp_path: Path) -> None:
    take(desired_in(tmp_path), twin(5), Document(is_patch=True, desired={"StreamFPS": 7}))
    assert settings_in(tmp_path).stream_fps == 7
    assert record(tmp_path)["version"] == 5


def test_a_whole_document_that_was_applied_changes_nothing_again(tmp_path: Path) -> None:
    take(desired_in(tmp_path), twin(5, StreamFPS=10))
    SettingsFile(tmp_path).change({"stream_fps": 15})  # somebody else, since
    take(desired_in(tmp_path), twin(5, StreamFPS=10))
    assert settings_in(tmp_path).stream_fps == 15
    take(desired_in(tmp_path), twin(6, StreamFPS=10))
    assert settings_in(tmp_path).stream_fps == 10


def test_a_device_made_anew_begins_with_lower_versions(tmp_path: Path) -> None:
    desired = desired_in(tmp_path)
    take(desired, twin(50, StreamFPS=10), twin(2, StreamFPS=20), patch(3, RawStream=False))
    assert settings_in(tmp_path) == Settings(stream_fps=20, raw_stream=False)
    assert outcome(desired, "StreamFPS") == Outcome("applied", 2)


@pytest.mark.parametrize("between", [[], [patch(9, H264Stream=False)]])
def test_a_patch_that_overtakes_the_whole_document_hides_nothing_of_it(
    tmp_path: Path, between: list[Document]
) -> None:
    """After a time without a line the patch of version 8 may come before the twin that is at 8."""
    take(desired_in(tmp_path), twin(5, StreamFPS=10))
    missed = {"StreamFPS": 20, "RawStream": False, "ResultStream": True}
    take(desired_in(tmp_path), patch(8, ResultStream=True), *between)
    take(desired_in(tmp_path), twin(8 + len(between), **missed))
    assert settings_in(tmp_path).stream_fps == 20
    assert settings_in(tmp_path).raw_stream is False


def test_what_was_refused_is_judged_anew_with_each_connection(tmp_path: Path) -> None:
    document = twin(4, models={"people": {"model": "street@3"}}, StreamFPS=10)
    take(desired_in(tmp_path, entries=("street",)), document)
    SettingsFile(tmp_path).change({"stream_fps": 15})
    desired = desired_in(tmp_path, entries=("street", "people"))
    take(desired, document)
    assert wish_in(tmp_path, "people").model == "street@3"
    assert outcome(desired, "models") == Outcome("applied", 4)
    assert settings_in(tmp_path).stream_fps == 15


def test_a_refused_value_leaves_what_others_have_set(tmp_path: Path) -> None:
    desired = desired_in(tmp_path)
    take(desired, twin(1, StreamFPS=10))
    SettingsFile(tmp_path).change({"stream_fps": 15})
    take(desired, patch(2, StreamFPS=999))
    assert settings_in(tmp_path).stream_fps == 15
    assert outcome(desired, "StreamFPS") == Outcome(
        "refused", 2, "wants a whole number from 1 to 240, not 999; it stays as it was"
    )


def test_a_model_for_one_entry_counts_before_the_one_for_the_device(tmp_path: Path) -> None:
    desired = desired_in(tmp_path)
    models = {"street": {"model": "own@1"}, "people": {"ModelZipUrl": URL, "odd": 1}}
    take(desired, twin(1, model="all@1", models=models))
    assert wish_in(tmp_path, "street").model == "own@1"
    assert (wish_in(tmp_path, "people").model, wish_in(tmp_path, "people").zip_url) == ("", URL)
    take(desired, patch(2, models={"street": {"model": None}}))
    assert wish_in(tmp_path, "street").model == "all@1"
    take(desired, patch(3, models={"people": None}))
    assert wish_in(tmp_path, "people").zip_url == ""


def test_without_models_each_entry_is_at_its_default(tmp_path: Path) -> None:
    desired = desired_in(tmp_path)
    take(
        desired, twin(1, model="all@1", models={"street": {"model": "a"}, "people": {"number": 3}})
    )
    take(desired, patch(2, models=None))
    assert wish_in(tmp_path, "street").model == "all@1"
    assert wish_in(tmp_path, "people").number == 0
    assert outcome(desired, "models") == Outcome("default", 2)


def test_bad_models_say_where(tmp_path: Path) -> None:
    desired = desired_in(tmp_path)
    asked: dict[str, object] = {"cellar": {}, "people": 7, "street": {"sha256": "x", "number": 4}}
    take(desired, twin(1, models=asked | {f"none{at}": {} for at in range(999)}))
    said = outcome(desired, "models").description
    assert said.startswith(
        "'cellar': no such inference entry; there are street, people; 'people': "
    )
    assert said.endswith("; and 998 more")
    assert outcome(desired, "models.street.sha256").status == "refused"
    assert wish_in(tmp_path, "street").number == 4
    take(desired, patch(2, models=[]))
    assert "wants an object" in outcome(desired, "models").description


def test_a_wish_is_no_new_one_when_the_document_comes_again(tmp_path: Path) -> None:
    take(desired_in(tmp_path), twin(1, ModelZipUrl=URL))
    (tmp_path / "telemetry" / "twin.json").unlink()  # the power went before it was there
    take(desired_in(tmp_path), twin(1, ModelZipUrl=URL))
    assert wish_in(tmp_path).step == 1


def test_the_record_is_for_its_owner_alone_and_logs_show_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desired = desired_in(tmp_path)
    bad = f"https://u:{SECRET}@h:x/m?sig={SECRET}"
    take(desired, twin(1, ModelZipUrl=URL, model=bad, StreamResolution=bad, models={bad: {}}))
    assert (tmp_path / "telemetry" / "twin.json").stat().st_mode & 0o077 == 0
    assert len(caplog.records) == 3
    assert SECRET not in caplog.text + repr(desired._record)


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    take(desired_in(tmp_path), twin(7, StreamFPS=10))
    (tmp_path / "telemetry" / "twin.json").write_bytes(b"\0" * 100)
    take(desired_in(tmp_path), twin(7, StreamFPS=10, RawStream=False))
    assert settings_in(tmp_path) == Settings(stream_fps=10, raw_stream=False)
    assert record(tmp_path)["version"] == 7


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("locks", "StreamFPS", 10),
        ("models", "ModelZipUrl", URL),
        ("telemetry", "StreamFPS", 10),
    ],
)
def test_a_disk_that_refuses_is_told_and_tried_again(
    tmp_path: Path, place: str, name: str, value: object
) -> None:
    (tmp_path / place).write_text("in the way")
    desired = desired_in(tmp_path)
    take(desired, twin(1, **{name: value}, TimeAlignRTSP=1), now_ns=RETRY_NS)
    told = outcome(desired, name)
    assert (told.status, told.version) == ("pending", 1)
    assert str(tmp_path / place) in told.description
    assert outcome(desired, "TimeAlignRTSP").status == "refused"

    (tmp_path / place).unlink()
    desired.look(2 * RETRY_NS - 1)
    assert outcome(desired, name).status == "pending"
    desired.look(2 * RETRY_NS)
    assert outcome(desired, name) == Outcome("applied", 1)
    assert settings_in(tmp_path).stream_fps == (10 if name == "StreamFPS" else None)
    assert wish_in(tmp_path).zip_url == (URL if name == "ModelZipUrl" else "")
    assert record(tmp_path)["version"] == 1


def test_one_disk_that_refuses_holds_up_no_other_property(tmp_path: Path) -> None:
    take(desired_in(tmp_path), twin(1, ModelZipUrl=URL))
    (tmp_path / "models").rename(tmp_path / "elsewhere")
    (tmp_path / "models").write_text("in the way")
    desired = desired_in(tmp_path)
    take(desired, patch(2, ModelZipUrl=None, StreamFPS=10), patch(3, RawStream=False))
    assert settings_in(tmp_path) == Settings(stream_fps=10, raw_stream=False)
    assert outcome(desired, "StreamFPS") == Outcome("applied", 2)
    assert outcome(desired, "ModelZipUrl").status == "pending"

    # what is open outlasts a restart, as no whole document says what was taken away
    (tmp_path / "models").unlink()
    (tmp_path / "elsewhere").rename(tmp_path / "models")
    desired = desired_in(tmp_path)
    desired.look(0)
    assert wish_in(tmp_path).zip_url == ""
    assert outcome(desired, "ModelZipUrl") == Outcome("default", 2)


def test_what_cannot_be_written_is_not_written_over_and_over(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    desired = desired_in(tmp_path)
    take(desired, twin(1, ModelZipUrl=URL, StreamFPS=10))
    files = [tmp_path / "settings.json", tmp_path / "telemetry" / "twin.json"]
    before = [path.stat().st_ino for path in files]
    desired.look(RETRY_NS)
    assert [path.stat().st_ino for path in files] == before
