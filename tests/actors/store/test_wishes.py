"""Wishes and outcomes on a real disk."""

import stat
from pathlib import Path

import pytest

from actors.store.disk import Disk
from actors.store.documents import read
from actors.store.layout import Layout
from actors.store.outcomes import Outcome, outcome_path, record_outcome
from actors.store.trouble import StoreError
from actors.store.wish import Wish
from actors.store.wishes import Done, Wishes

URL = "https://blob.example/people.zip?sig=abc"


def test_a_wish_is_on_the_disk_for_its_owner_alone(tmp_path: Path) -> None:
    wishes = Wishes(tmp_path)
    wish = wishes.change("front", {"ModelZipUrl": URL}).wish
    path = wishes.path("front")
    assert read(Disk(), path, Wish) == wish == Wish(step=1, zip_url=URL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert wishes.change("front", {"sha256": "12" * 32}).wish.step == 2
    assert [found.name for found in path.parent.iterdir()] == ["front.json"]


def test_what_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    wishes = Wishes(tmp_path)
    assert wishes.change("front", {"ModelZipUrl": ""}).wish == Wish()
    assert not wishes.path("front").exists()
    wishes.change("front", {"model": "street@3"})
    before = wishes.path("front").stat()
    assert wishes.change("front", {"model": "street@3", "sha256": "x"}).refusals
    assert wishes.path("front").stat() == before


def test_a_damaged_wish_gives_way_to_the_next_that_is_one_to_work_off(tmp_path: Path) -> None:
    wishes = Wishes(tmp_path)
    for _ in range(3):
        step = wishes.change("front", {"model": "street@3"}, again=True).wish.step
    wishes.settle("front", Done(step))
    wishes.path("front").write_bytes(b"{")
    wish = wishes.change("front", {"model": "street@4"}).wish
    assert wish.step > step
    assert wish.model == "street@4"


def test_a_wish_that_is_lost_is_not_taken_for_one_that_is_done(tmp_path: Path) -> None:
    wishes = Wishes(tmp_path)
    wishes.change("front", {"model": "street@3"})
    wishes.settle("front", Done(1))
    wishes.path("front").unlink()
    assert wishes.change("front", {"model": "street@4"}).wish.step == 2


@pytest.mark.parametrize("name", ["../front", "", "Front", "a.b"])
def test_only_slots_have_wishes(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="not a slot's name"):
        Wishes(tmp_path).change(name, {"model": "street@3"})


def test_an_outcome_replaces_the_one_before(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "models")
    for number in range(2):
        record_outcome(layout, "front", Outcome(number, "file:x", "no"))
    assert read(Disk(), outcome_path(layout, "front"), Outcome) == Outcome(1, "file:x", "no")
