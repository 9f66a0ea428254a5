"""Pictures on a real disk: durable, whole or not there, and nobody else's touched."""

import stat
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from actors.collect.shelf import LEAST_FREE_BYTES, BadSidecar, NoRoom, Picture, Shelf
from tests.actors.collect.kept import NOON, PERSON, SECOND, about

ROOT = Path(__file__).parents[3]
JPEG = b"\xff\xd8 a picture \xff\xd9"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "state" / "images")


def files(shelf: Shelf) -> list[str]:
    return sorted(str(p.relative_to(shelf.root)) for p in shelf.root.rglob("*") if p.is_file())


def test_a_kept_picture_is_there_with_all_that_is_known(shelf: Shelf) -> None:
    kept = shelf.keep(JPEG, about(1, PERSON))
    assert shelf.pictures() == [kept]
    assert kept.path.read_bytes() == JPEG
    assert shelf.sidecar(kept) == about(1, PERSON)
    assert (kept.camera, kept.score_percent) == ("front", 80)
    assert kept.captured_utc_ns == NOON + SECOND
    assert kept.size_bytes == len(JPEG) + kept.sidecar.stat().st_size


def test_nobody_else_can_look(shelf: Shelf) -> None:
    kept = shelf.keep(JPEG, about())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (kept.path, kept.sidecar)}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (shelf.root, kept.path.parent)}
    assert (modes, folders) == ({0o600}, {0o700})


def test_two_of_one_second_have_two_names(shelf: Shelf) -> None:
    first, second = shelf.keep(JPEG, about()), shelf.keep(JPEG, about())
    assert second.path.stem == f"{first.path.stem}-2"
    assert len(shelf.pictures()) == 2


def test_the_oldest_come_first_over_all_cameras(shelf: Shelf) -> None:
    for at_s, camera in ((3, "front"), (1, "back"), (2, "front")):
        shelf.keep(JPEG, about(at_s, camera=camera))
    assert [each.camera for each in shelf.pictures()] == ["back", "front", "front"]


def test_removed_is_gone_whoever_did_it(shelf: Shelf) -> None:
    kept = shelf.keep(JPEG, about())
    shelf.remove(kept)
    assert files(shelf) == []
    shelf.remove(kept)
    with pytest.raises(BadSidecar, match=r"json: No such file"):
        shelf.sidecar(kept)


def test_a_damaged_sidecar_is_said(shelf: Shelf) -> None:
    kept = shelf.keep(JPEG, about())
    kept.sidecar.write_text('{"schema": "retinue-image/2"}')
    with pytest.raises(BadSidecar, match="is damaged"):
        shelf.sidecar(kept)


def test_the_oldest_make_room(shelf: Shelf) -> None:
    kept = [shelf.keep(JPEG, about(at_s)) for at_s in range(4)]
    room = kept[2].size_bytes + kept[3].size_bytes
    assert shelf.trim(room, oldest_utc_ns=0) == 2
    assert shelf.pictures() == kept[2:]
    assert shelf.trim(room, oldest_utc_ns=0) == 0


def test_the_old_go_though_there_is_room(shelf: Shelf) -> None:
    kept = [shelf.keep(JPEG, about(at_s)) for at_s in range(4)]
    assert shelf.trim(1 << 30, oldest_utc_ns=NOON + 3 * SECOND) == 3
    assert shelf.pictures() == kept[3:]


def test_a_strangers_files_are_neither_seen_nor_removed(shelf: Shelf, tmp_path: Path) -> None:
    kept = shelf.keep(JPEG, about())
    folder = kept.path.parent
    others = [folder / "notes.txt", folder / "cat.jpg", folder / "cat.json", shelf.root / "a.jpg"]
    for path in others:
        path.write_bytes(JPEG)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (shelf.root / "linked").symlink_to(outside)
    theirs = [outside / f"1-2020-01-01-00-00-00{suffix}" for suffix in (".jpg", ".json")]
    for path in theirs:
        path.write_bytes(JPEG)
        (folder / path.name).symlink_to(path)
    assert shelf.pictures() == [kept]
    assert shelf.sweep() == 0
    assert shelf.trim(0, oldest_utc_ns=0) == 1
    assert all(path.exists() for path in others)
    assert all(path.exists() for path in theirs)


def test_halves_are_no_pictures_and_are_swept(shelf: Shelf) -> None:
    kept = shelf.keep(JPEG, about())
    folder, stem = kept.path.parent, "12-2026-05-04-12-00-00"
    (folder / f"{stem}.jpg").write_bytes(JPEG)  # before its sidecar, or after its removal
    (folder / f".{stem}-2.jpg.new").write_bytes(JPEG[:3])
    (folder / f"{stem}-3.json").write_text("{}")
    assert shelf.pictures() == [kept]
    assert shelf.sweep() == 3
    assert files(shelf) == [f"front/{kept.path.stem}.jpg", f"front/{kept.path.stem}.json"]


def test_a_nearly_full_disk_is_left_to_others(tmp_path: Path) -> None:
    free = LEAST_FREE_BYTES
    shelf = Shelf(tmp_path, lambda _: free)
    with pytest.raises(NoRoom, match=r"64 MB are free on its disk and 64 MB are left"):
        shelf.keep(JPEG, about())
    assert shelf.pictures() == []
    free += len(JPEG)
    assert shelf.keep(JPEG, about()) in shelf.pictures()


def test_what_cannot_be_written_leaves_nothing(shelf: Shelf) -> None:
    kept = shelf.keep(JPEG, about())
    shelf.remove(kept)
    blocked = kept.path.with_name(f".{kept.sidecar.name}.new")
    blocked.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        shelf.keep(JPEG, about())
    assert files(shelf) == []


def test_two_that_add_take_nobodys_name(shelf: Shelf) -> None:
    def keep() -> None:
        for _ in range(20):
            shelf.keep(JPEG, about())

    threads = [Thread(target=keep, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(shelf.pictures()) == 40


def test_one_removes_while_another_adds(shelf: Shelf) -> None:
    """As the upload does; each picture is removed once and none is seen in halves."""
    removed: list[Picture] = []

    def remove_all() -> None:
        while len(removed) < 60:
            for picture in shelf.pictures():
                assert shelf.sidecar(picture).camera == picture.camera
                shelf.remove(picture)
                removed.append(picture)

    remover = Thread(target=remove_all, daemon=True)
    remover.start()
    for at in range(60):
        shelf.keep(JPEG, about(at // 4))
    remover.join(20)
    assert not remover.is_alive()
    assert len(removed) == 60
    assert files(shelf) == []


@pytest.mark.parametrize("kept", [1, 4, 9])
def test_a_kill_at_any_moment_leaves_whole_pictures(shelf: Shelf, kept: int) -> None:
    command = [sys.executable, "-m", "tests.actors.collect.keeping", str(shelf.root)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout
        said = [victim.stdout.readline().strip() for _ in range(kept)]
        victim.kill()
        rest = victim.stdout.read().split()
    assert said[-1]
    shelf.sweep()
    pictures = shelf.pictures()
    assert {picture.path.stat().st_size for picture in pictures} == {200_000}
    assert all(shelf.sidecar(picture).camera == "front" for picture in pictures)
    assert len(files(shelf)) == 2 * len(pictures)
    last = (said + rest)[-1]  # what was said to be kept is
    assert last in {picture.title for picture in pictures}
