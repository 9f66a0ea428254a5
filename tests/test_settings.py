"""What is wanted of a running device: written by one, seen by all."""

import threading
from pathlib import Path

import pytest

from actors.settings import Settings, SettingsFile


def test_nothing_is_wanted_of_a_new_device(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path).look() == Settings()


def test_what_one_changes_another_sees(tmp_path: Path) -> None:
    reader = SettingsFile(tmp_path)
    assert reader.look().stream_fps is None
    SettingsFile(tmp_path).change({"stream_fps": 5})
    SettingsFile(tmp_path).change({"align": False})
    assert reader.look() == Settings(stream_fps=5, align=False)
    SettingsFile(tmp_path).change({"stream_fps": None})
    assert reader.look() == Settings(align=False)


def test_steps_rise(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path)
    assert [file.step("upload_step").upload_step for _ in range(3)] == [1, 2, 3]


def test_two_that_change_it_at_once_lose_nothing(tmp_path: Path) -> None:
    def count() -> None:
        for _ in range(20):
            SettingsFile(tmp_path).step("picture_step")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SettingsFile(tmp_path).look().picture_step == 80


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"stream_fps": -1}', b"\xff"])
def test_a_damaged_file_counts_as_empty_until_it_is_written(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(body)
    file = SettingsFile(tmp_path)
    assert file.look() == Settings()
    assert file.change({"collect": True}) == Settings(collect=True)
    assert file.look() == Settings(collect=True)


def test_a_field_that_there_is_not_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        SettingsFile(tmp_path).change({"no_such": 1})
    assert SettingsFile(tmp_path).look() == Settings()


def test_what_was_switched_off_stays_off_while_the_file_is_damaged(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path)
    file.change({"raw_stream": False})
    assert file.look().raw_stream is False
    (tmp_path / "settings.json").write_bytes(b"{")
    assert file.look().raw_stream is False
    (tmp_path / "settings.json").unlink()
    assert file.look() == Settings()


def test_what_was_switched_off_stays_off_while_the_disk_refuses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = SettingsFile(tmp_path)
    file.change({"raw_stream": False})
    assert file.look().raw_stream is False
    (tmp_path / "settings.json").unlink()
    (tmp_path / "settings.json").mkdir()  # cannot be read, whoever asks
    assert [file.look().raw_stream for _ in range(3)] == [False] * 3
    assert caplog.text.count("Is a directory") == 1
