"""Requests for pictures: each is taken up once."""

from pathlib import Path

from actors.collect.requests import Requests


def test_a_request_is_taken_up_once_also_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "images" / ".requests"
    requests = Requests(path)
    assert not requests.risen(0)
    assert requests.risen(1)
    assert not requests.risen(1)
    again = Requests(path)
    assert not again.risen(1)
    assert again.risen(3)
    assert not again.risen(3)


def test_one_that_came_while_nobody_was_there_counts(tmp_path: Path) -> None:
    assert Requests(tmp_path / ".requests").risen(2)


def test_a_counter_that_begins_anew_is_none(tmp_path: Path) -> None:
    path = tmp_path / ".requests"
    assert Requests(path).risen(7)
    requests = Requests(path)
    assert not requests.risen(0)
    assert requests.risen(1)


def test_what_cannot_be_written_still_counts_once(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("no folder")
    requests = Requests(tmp_path / "images" / ".requests")
    assert requests.risen(1)
    assert not requests.risen(1)


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / ".requests"
    path.write_text("seven")
    assert Requests(path).risen(1)
