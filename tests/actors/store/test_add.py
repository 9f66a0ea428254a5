"""Packages come into the store whole, verified and read-only, or not at all."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.store.disk import Disk
from actors.store.documents import MOST_BYTES
from actors.store.store import Store
from actors.store.tree import close, discard, move_in
from actors.store.trouble import StoreError
from tests.actors.store.power import taken_up
from tests.actors.store.rig import (
    ADMISSION,
    NOW,
    Hasty,
    activate,
    add,
    build,
    content,
    digest_of,
    expected_digest,
    is_intact,
    record,
    see,
    staged,
    tree,
)
from tests.actors.store.watched import AtPoint, Meanwhile, Watched, fail


def test_nothing_is_made_until_something_changes(store: Store, tmp_path: Path) -> None:
    assert see(store) == ({}, {}, {}, (), True)
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_kept_as_it_was(store: Store) -> None:
    digest = add(store, "street")
    version = store.version(digest)
    assert tree(version.package) == content("street") | {"net": None}
    assert is_intact(version.package)
    assert (version.trouble, version.quarantine, version.used_utc_ns) == ("", None, NOW.utc_ns)
    assert version.title == f"street 1 ({digest[:12]})"


def test_its_size_is_measured_and_its_source_masked(store: Store) -> None:
    with staged(store, "street") as package:
        told = replace(record("street"), bytes=1, source="https://me:key@host/m.zip?sig=secret")
        kept = store.add(package, told, digest_of)
    assert kept.bytes == sum(map(len, content("street").values()))
    assert kept.source == "https://***@host/m.zip?***"
    assert store.version(kept.digest).record == kept


def test_all_is_for_its_owner_only(store: Store) -> None:
    digest = add(store, "street")
    activate(store, digest)
    store.quarantine(digest, "test", NOW)
    modes = {p: p.stat().st_mode & 0o777 for p in store.layout.root.parent.rglob("*")}
    inside = store.version(digest).package
    assert {mode for path, mode in modes.items() if path.is_dir() and inside not in path.parents
            and path != inside} == {0o700}  # fmt: skip
    assert {
        mode for path, mode in modes.items() if path.is_file() and inside not in path.parents
    } == {0o600}


def test_a_package_that_changed_on_the_way_is_refused(store: Store) -> None:
    add(store, "other")
    before = tree(store.layout.root)
    wanted = record("street")
    with staged(store, "street") as package:
        (package / "net" / "m.bin").write_bytes(b"exchanged")
        with pytest.raises(StoreError) as refused:
            store.add(package, wanted, digest_of)
        assert str(refused.value) == (
            f"street 1 ({wanted.digest[:12]}): what was staged has the digest "
            f"{digest_of(package)[:12]}, so it was changed on the way; fetch it again"
        )
    assert tree(store.layout.root) == before


def test_adding_again_changes_nothing_but_what_is_new(store: Store) -> None:
    digest = add(store, "street")
    inode = store.version(digest).package.stat().st_ino
    with staged(store, "street") as package:
        late = replace(record("street"), added_utc_ns=NOW.utc_ns + 5, admission=None)
        kept = store.add(package, late, digest_of)
    assert (kept.added_utc_ns, kept.admission) == (NOW.utc_ns, ADMISSION)
    assert store.version(digest).package.stat().st_ino == inode
    with staged(store, "street") as package:
        again = replace(ADMISSION, openvino="2027.0")
        store.add(package, replace(record("street"), admission=again), digest_of)
    admitted = store.version(digest).record
    assert admitted
    assert admitted.admission == again


def rot(package: Path) -> None:
    """Other bytes, as many."""
    path = package / "net" / "m.bin"
    path.chmod(0o600)
    path.write_bytes(bytes(path.stat().st_size))
    path.chmod(0o400)
    os.utime(path, (0, 0))


def lose(package: Path) -> None:
    (package / "net" / "m.bin").unlink()


def gain(package: Path) -> None:
    (package / "net" / "more").write_text("more")


def become_a_link(package: Path) -> None:
    (package / "net" / "m.bin").rename(package.parent / "m.bin")
    (package / "net" / "m.bin").symlink_to("../../m.bin")


def become_a_file(package: Path) -> None:
    discard(Disk(), package)
    package.write_text("a file")


@pytest.mark.parametrize("damage", [rot, lose, gain, become_a_link, become_a_file])
def test_adding_again_mends_what_is_damaged(store: Store, damage: Callable[[Path], object]) -> None:
    digest = add(store, "street")
    package = store.version(digest).package
    (package / "net").chmod(0o700)
    damage(package)
    with staged(store, "street") as again:  # it alone is digested: of what is damaged who knows
        os.utime(again / "net" / "m.bin", (0, 0))  # as archives may have it
        store.add(again, record("street"), lambda path: {again: digest}[path])
    assert is_intact(package)
    assert see(store).troubles == ()
    assert list(store.layout.staging.iterdir()) == []


def test_what_two_add_at_once_is_moved_in_once(store: Store) -> None:
    digest = record("street").digest
    inodes = []

    def add_another() -> None:
        add(store, "street")
        inodes.append(store.layout.package(digest).stat().st_ino)

    late = Store(store.layout.root.parent, Meanwhile(store.layout.lock, add_another))
    with staged(store, "street") as package:
        late.add(package, record("street"), digest_of)
    assert [store.layout.package(digest).stat().st_ino] == inodes


def test_adding_again_brings_back_what_is_missing(store: Store) -> None:
    digest = add(store, "street")
    package = store.version(digest).package
    package.chmod(0o700)
    package.rename(store.layout.root / "elsewhere")
    assert "its package is missing; add it again" in see(store).troubles[0]
    add(store, "street")
    assert is_intact(package)
    assert see(store).troubles == ()


def test_a_package_may_come_closed(store: Store) -> None:
    with staged(store, "street") as package:
        for path in (package / "net", package):
            path.chmod(0o500)
        digest = store.add(package, record("street"), digest_of).digest
    assert is_intact(store.version(digest).package)


def test_a_package_without_a_record_is_replaced(store: Store) -> None:
    add(store, "other")
    left_over = store.layout.package(expected_digest("street"))
    for files in ({"half": b"a file"}, content("street")):
        build(Hasty(), left_over, files)
        digest = add(store, "street")
        assert is_intact(store.version(digest).package)
        store.remove(digest)


@pytest.mark.parametrize("point", ["1 before restrict", "1 before rename", "2 before rename"])
def test_what_cannot_be_moved_in_leaves_what_was_there(store: Store, point: str) -> None:
    package = store.version(add(store, "street")).package
    rot(package)
    before = taken_up(store.layout.packages)
    number, _, only = point.partition(" ")
    with staged(store, "street") as again:
        close(Disk(), again)
        with pytest.raises(OSError, match="Input/output error"):
            move_in(Watched(AtPoint(int(number), fail, only)), again, package)
        assert taken_up(store.layout.packages) == before
        move_in(Disk(), again, package)
        assert is_intact(package)


def test_links_and_pipes_are_not_stored(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"linked")
    for make in (
        lambda path: path.symlink_to("/etc/passwd"),
        lambda path: path.symlink_to("/etc"),
        lambda path: path.hardlink_to(tmp_path / "mine"),
        os.mkfifo,
    ):
        with staged(store, "street") as package:
            make(package / "odd")
            with pytest.raises(StoreError, match=r"odd: a package has plain files and folders"):
                store.add(package, record("street"), digest_of)
    assert (tmp_path / "mine").stat().st_mode & 0o777 != 0o400
    assert see(store).records == {}


def test_a_package_is_a_folder_and_there(store: Store, tmp_path: Path) -> None:
    build(Hasty(), tmp_path / "street", content("street"))
    with store.stage() as folder:
        (folder / "link").symlink_to(tmp_path / "street")
        (folder / "file").touch()
        for name in ("link", "file"):
            with pytest.raises(StoreError, match=f"{name}: not a folder, and a package to be stor"):
                store.add(folder / name, record("street"), digest_of)
        with pytest.raises(StoreError, match=r"/nothing: No such file or directory$"):
            store.add(folder / "nothing", record("street"), digest_of)
    assert (tmp_path / "street").stat().st_mode & 0o200
    assert see(store).records == {}


def test_only_what_is_staged_can_be_added(store: Store, tmp_path: Path) -> None:
    build(Hasty(), tmp_path / "package", content("street"))
    with pytest.raises(StoreError, match="not in a staging folder"):
        store.add(tmp_path / "package", record("street"), digest_of)


def test_a_record_that_could_not_be_read_again_is_not_written(store: Store) -> None:
    add(store, "other")
    before = see(store)
    for wrong in (
        replace(record("street"), licence="x" * 70_000),
        replace(record("street"), licence="\udcff"),
        replace(record("street"), added_utc_ns=-1),
    ):
        with staged(store, "street") as package, pytest.raises(StoreError, match="not written"):
            store.add(package, wrong, digest_of)
        assert see(store) == before
        assert store.sweep() == ()


def test_the_longest_record_can_be_read_again(store: Store) -> None:
    digest = add(store, "street")
    room = MOST_BYTES - store.layout.record(digest).stat().st_size
    old = store.version(digest).record
    assert old
    with staged(store, "street") as package:
        store.add(package, replace(old, licence=old.licence + room * "x"), digest_of)
    with staged(store, "street") as package:
        longer = replace(old, licence=old.licence + (room + 1) * "x")
        with pytest.raises(StoreError, match="not written: 65,537 bytes; 65,536 are allowed"):
            store.add(package, longer, digest_of)
    assert store.version(digest).trouble == ""
    assert store.layout.record(digest).stat().st_size == MOST_BYTES


def test_staging_goes_with_its_block(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.stage() as folder:
        build(Hasty(), folder / "package", content("street"))
        (folder / "package").chmod(0o500)
        raise ZeroDivisionError
    assert list(store.layout.staging.iterdir()) == []


def test_a_sweep_leaves_alone_what_is_being_staged(store: Store) -> None:
    with staged(store, "street") as package:
        assert Store(store.layout.root.parent).sweep() == ()
        assert store.add(package, record("street"), digest_of).digest in see(store).records


def test_a_sweep_and_a_maker_may_clear_the_same_folder(swift: Path) -> None:
    dead = Store(swift).layout.staging / "dead"
    for points in count(1):
        Store(swift, Hasty()).reload("front")
        build(Hasty(), dead, content("street") | {"lock": b""})
        clear = AtPoint(points, lambda _: discard(Disk(), dead))
        Store(swift, Watched(clear)).sweep()
        assert not dead.exists()
        if not clear.came:
            break
    assert points > 10
    for name in ("", "lock", "package", "package/manifest.toml", "package/net"):
        build(Hasty(), dead, content("street") | {"lock": b""})
        Store(swift, Meanwhile(dead / name, lambda: discard(Disk(), dead))).sweep()
        assert not dead.exists()


def test_a_sweep_takes_what_nobody_holds(store: Store) -> None:
    digest = add(store, "street")
    activate(store, digest)
    before = tree(store.layout.root)
    layout = store.layout
    (layout.staging / "dead").mkdir()
    (layout.staging / "dead" / "lock").touch()
    build(Hasty(), layout.staging / "dead" / "package", content("half"))
    (layout.staging / "dead" / "package" / "net").chmod(0o500)
    (layout.staging / "a file").touch()
    build(Hasty(), layout.packages / expected_digest("half"), content("half"))
    (layout.records / f"{digest}.json.tmp").write_text("{")
    (layout.slots / "front.copy.json.tmp").write_text("{")
    (layout.quarantine / f"{digest}.json.tmp").write_text("{")
    assert sorted(store.sweep()) == [
        f"packages/{expected_digest('half')}",
        f"quarantine/{digest}.json.tmp",
        f"records/{digest}.json.tmp",
        "slots/front.copy.json.tmp",
        "staging/a file",
        "staging/dead",
    ]
    assert tree(layout.root) == before
    assert store.sweep() == ()
