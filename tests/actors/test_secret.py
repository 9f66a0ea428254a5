"""Secrets come from files and the environment, and no refusal shows one."""

from pathlib import Path

import pytest

from actors.secret import NoSecret, read_secret


@pytest.mark.parametrize("written", ["s3cr3t", "s3cr3t\n", "s3cr3t\r\n"])
def test_a_file_may_end_its_line(written: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(written, newline="")
    assert read_secret("password", f"file:{tmp_path / 'password'}") == "s3cr3t"


def test_spaces_are_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(" a b \n")
    assert read_secret("password", f"file:{tmp_path / 'password'}") == " a b "


def test_the_environment_has_it() -> None:
    assert read_secret("password", "env:BROKER", {"BROKER": "s3cr3t"}) == "s3cr3t"


def test_one_that_is_replaced_counts(tmp_path: Path) -> None:
    path = tmp_path / "password"
    for secret in ("old", "new"):
        path.write_text(secret)
        assert read_secret("password", f"file:{path}") == secret


@pytest.mark.parametrize("source", ["s3cr3t", "s3cr3t:s3cr3t", "file:", "env:", ""])
def test_a_secret_in_the_place_of_its_source_is_not_shown(source: str) -> None:
    with pytest.raises(NoSecret, match="password: must be file:PATH or env:NAME") as refused:
        read_secret("password", source)
    assert "s3cr3t" not in str(refused.value)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSecret, match="nowhere: No such file or directory"):
        read_secret("password", f"file:{tmp_path / 'nowhere'}")
    with pytest.raises(NoSecret, match="password: BROKER: nothing is in it"):
        read_secret("password", "env:BROKER", {})


def test_bytes_that_are_no_text_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b"s3cr3t\xff")
    with pytest.raises(NoSecret, match="not text in UTF-8") as refused:
        read_secret("password", f"file:{tmp_path / 'password'}")
    assert "s3cr3t" not in str(refused.value)
