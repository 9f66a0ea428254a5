"""`retinue images`, in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.collect.shelf import Shelf
from actors.settings import SettingsFile
from cli.images import app
from cli.refusal import Refused
from tests.actors.collect.kept import PERSON, about

Images = Callable[..., str]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "state" / "images")
    shelf.keep(b"a jpeg", about(0, PERSON))
    shelf.keep(b"a jpeg", about(86400, camera="back"))
    return shelf


@pytest.fixture
def images(
    run_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Images:
    monkeypatch.setenv("RETINUE_RUN", str(run_dir))
    monkeypatch.setenv("RETINUE_STATE", str(tmp_path / "state"))
    file = tmp_path / "device.toml"
    file.write_text('[upload]\nkind = "http"\nurl = "https://pictures.example"\n')
    monkeypatch.setenv("RETINUE_CONFIG", str(file))

    def call(*words: str | Path) -> str:
        app(list(map(str, words)), standalone_mode=False)
        return capsys.readouterr().out

    return call


def titles(shelf: Shelf) -> list[str]:
    return [each.title for each in shelf.pictures()]


def test_list_has_the_oldest_first_with_why(images: Images, shelf: Shelf) -> None:
    rows = json.loads(images("list", "--json"))
    assert [row["picture"] for row in rows] == titles(shelf)
    assert (rows[0]["reasons"], rows[0]["boxes"], rows[0]["models"]) == (["interval"], 1, ["m@1"])
    shown = images("list")
    assert all(title in shown for title in titles(shelf))
    assert "2 pictures, 0.0 MB" in shown


def test_list_can_be_narrowed(images: Images, shelf: Shelf) -> None:
    front, back = titles(shelf)
    assert [r["picture"] for r in json.loads(images("list", "--json", "--camera", "back"))] == [
        back
    ]
    later = json.loads(images("list", "--json", "--since", "2026-05-05"))
    assert [row["picture"] for row in later] == [back]
    assert front not in images("list", "--camera", "back")


def test_a_damaged_sidecar_is_shown(images: Images, shelf: Shelf) -> None:
    shelf.pictures()[0].sidecar.write_text("{")
    assert "is damaged" in json.loads(images("list", "--json"))[0]["trouble"]


def test_none_is_said(images: Images, tmp_path: Path) -> None:
    assert f"no pictures in {tmp_path}/state/images" in images("list")
    with pytest.raises(Refused, match="no pictures in"):
        images("export", tmp_path / "set")


def test_export_says_what_it_wrote(images: Images, shelf: Shelf, tmp_path: Path) -> None:
    assert "2 pictures with 1 boxes of person" in images("export", tmp_path / "set")
    assert len(list((tmp_path / "set" / "images").iterdir())) == len(titles(shelf)) == 2
    with pytest.raises(Refused, match="is there already; name a new folder"):
        images("export", tmp_path / "set")


def test_remove_takes_names_or_all(images: Images, shelf: Shelf) -> None:
    front, back = titles(shelf)
    assert "removed: 1 pictures" in images("remove", front)
    assert titles(shelf) == [back]
    with pytest.raises(Refused, match=r"there is no such picture; `retinue images list` has them"):
        images("remove", front)
    with pytest.raises(Refused, match="name the pictures, or --all"):
        images("remove")
    images("remove", "--all")
    assert titles(shelf) == []


def test_take_is_refused_while_collecting_is_off(images: Images, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"collecting is off: set collect\.enabled"):
        images("take")
    assert SettingsFile(tmp_path / "state").look().picture_step == 0


def test_take_without_a_device_waits_for_it(images: Images, tmp_path: Path) -> None:
    SettingsFile(tmp_path / "state").change({"collect": True})
    assert "collect does not run now" in images("take")
    assert SettingsFile(tmp_path / "state").look().picture_step == 1


def test_upload_is_asked_for(images: Images, shelf: Shelf, tmp_path: Path) -> None:
    assert "2 pictures are kept" in images("upload")
    assert len(titles(shelf)) == 2
    assert SettingsFile(tmp_path / "state").look().upload_step == 1


def test_upload_to_nowhere_is_refused(images: Images, tmp_path: Path) -> None:
    (tmp_path / "device.toml").write_text("")
    with pytest.raises(Refused, match=r'upload\.kind is "off"'):
        images("upload")
