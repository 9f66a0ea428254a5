"""What readers make of files that are not as they were written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.store.reader import Reader
from actors.store.slot import EMPTY
from actors.store.store import Store
from actors.store.trouble import StoreError
from tests.actors.store.rig import (
    BACK,
    FRONT,
    NOW,
    activate,
    activate_good,
    add,
    is_intact,
    record,
    see,
)
from tests.actors.store.watched import Meanwhile
from tests.programs import root


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def become_a_link(path: Path) -> None:
    path.rename(path.with_name("real"))
    path.symlink_to("real")


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" " * 70_000)


WAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut": (cut, "is damaged (Input data was truncated)"),
    "emptied": (lambda path: path.write_bytes(b""), "is damaged (Input data was truncated)"),
    "zeros": (lambda path: path.write_bytes(bytes(500)), "is damaged ("),
    "not UTF-8": (lambda path: path.write_bytes(b'{"generation": "\xff"}'), "is damaged ("),
    "another type": (lambda path: path.write_text("[1, 2]"), "is damaged (Expected `object`, got"),
    "nothing in it": (lambda path: path.write_text("{}"), "is damaged (Object missing required"),
    "deep": (lambda path: path.write_text('{"x":' + "[" * 60_000), "is damaged ("),
    "a link": (become_a_link, "cannot be read (Too many levels of symbolic links)"),
    "a pipe": (become_a_pipe, "cannot be read (not a regular file)"),
    "a folder": (become_a_folder, "cannot be read (not a regular file)"),
    "long": (grow, "cannot be read (longer than 65,536 bytes)"),
}
if os.getuid() == 0:
    WAYS["a stranger's"] = (
        lambda path: os.chown(path, 12345, 12345),
        "cannot be read (belongs to user 12345, not 0)",
    )


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[Callable[[Path], object], str]:
    return WAYS[request.param]


Way = tuple[Callable[[Path], object], str]


def test_a_damaged_slot_reads_as_its_copy(store: Store, way: Way) -> None:
    digest = add(store, "street")
    activate_good(store, digest)
    before = store.slot(FRONT).slot
    damage, sentence = way
    damage(store.layout.slot(FRONT))
    slot, trouble = store.slot(FRONT)
    assert slot == before
    assert trouble.startswith(f"slots/front.json {sentence}")
    assert trouble.endswith("; its copy counts until a version is activated")
    assert store.slots().troubles == (trouble,)
    assert store.slot(BACK) == (EMPTY, "")


def test_a_slot_damaged_twice_is_what_the_configuration_names(store: Store, way: Way) -> None:
    activate(store, add(store, "street"))
    damage, sentence = way
    store.layout.slot(FRONT).write_text("{")
    damage(store.layout.copy(FRONT))
    slot, trouble = store.slot(FRONT)
    assert slot == EMPTY
    assert trouble.startswith("slots/front.json is damaged (Input data was truncated), and its co")
    assert f"its copy {sentence}" in trouble
    assert trouble.endswith(": what the configuration names counts until a version is activated")


def test_a_damaged_copy_troubles_nobody(store: Store, way: Way) -> None:
    activate(store, add(store, "street"))
    before = store.slot(FRONT)
    way[0](store.layout.copy(FRONT))
    assert store.slot(FRONT) == before
    assert before.trouble == ""


def test_a_damaged_record_takes_its_version_out_of_use(store: Store, way: Way) -> None:
    good, bad = add(store, "good"), add(store, "bad")
    damage, sentence = way
    damage(store.layout.record(bad))
    listing = store.versions()
    assert {v.digest: bool(v.trouble) for v in listing.versions} == {good: False, bad: True}
    assert listing.troubles[0].startswith(f"{bad[:12]}: records/{bad}.json {sentence}")
    with pytest.raises(StoreError, match="nothing is named 'bad'"):
        store.find("bad")
    with pytest.raises(StoreError, match=f"slot front: {bad[:12]}: records/"):
        activate(store, bad)


def test_a_damaged_record_is_mended_or_removed(store: Store) -> None:
    digest = add(store, "street")
    cut(store.layout.record(digest))
    assert store.sweep() == ()  # it is on record, if badly
    add(store, "street")
    assert see(store).troubles == ()
    assert is_intact(store.version(digest).package)
    cut(store.layout.record(digest))
    assert store.remove(digest).record is None
    assert see(store).records == {}
    assert store.sweep() == ()


def test_a_damaged_quarantine_note_still_bars(store: Store, way: Way) -> None:
    digest = add(store, "street")
    store.quarantine(digest, "leaks", NOW)
    damage, sentence = way
    damage(store.layout.note(digest))
    with pytest.raises(StoreError) as refused:
        activate(store, digest)
    assert f"quarantined (quarantine/{digest}.json {sentence}" in str(refused.value)
    if damage is not become_a_folder:  # what nobody of us has made somebody else removes
        store.release(digest)
        assert activate(store, digest) == 1


def test_a_file_about_another_version_is_not_believed(store: Store) -> None:
    one, other = add(store, "one"), add(store, "other")
    store.quarantine(one, "leaks", NOW)
    layout = store.layout
    layout.record(other).write_bytes(layout.record(one).read_bytes())
    layout.note(other).write_bytes(layout.note(one).read_bytes())
    assert store.version(other).trouble.startswith(f"records/{other}.json is about {one[:12]}")
    note = store.quarantined(other)
    assert note
    assert note.reason == f"quarantine/{other}.json is about {one[:12]}"


def test_a_slot_cannot_point_outside(store: Store) -> None:
    activate(store, add(store, "street"))
    path = store.layout.slot(FRONT)
    path.write_text('{"generation": 9, "active": "../../x", "previous": "", "configured": ""}')
    slot, trouble = store.slot(FRONT)
    assert slot.generation == 1
    assert "is damaged (Expected `str` matching regex" in trouble


def test_fields_of_later_versions_are_left_alone(store: Store) -> None:
    activate(store, add(store, "street"))
    before = store.slot(FRONT)
    path = store.layout.slot(FRONT)
    path.write_text(path.read_text().replace("{", '{"later": [1, {"x": 2}],', 1))
    assert store.slot(FRONT) == before


def test_a_slot_that_went_missing_has_its_copy(store: Store) -> None:
    activate(store, add(store, "street"))
    before = store.slot(FRONT).slot
    store.layout.slot(FRONT).unlink()
    assert store.slot(FRONT).slot == before
    assert "slots/front.json is missing; its copy counts" in store.slot(FRONT).trouble
    assert list(store.slots().by_name) == [FRONT]


def test_a_slot_that_went_missing_with_a_damaged_copy_is_a_trouble(store: Store) -> None:
    activate(store, add(store, "street"))
    store.layout.slot(FRONT).unlink()
    cut(store.layout.copy(FRONT))
    slot, trouble = store.slot(FRONT)
    assert slot == EMPTY
    assert trouble.startswith("slots/front.json is missing, and its copy is damaged (")


def test_a_mended_slot_has_a_generation_that_nobody_has_seen(store: Store) -> None:
    """Posts look for a higher one than theirs, whatever the slot's file said last."""
    digest = add(store, "street")
    for _ in range(5):
        seen = store.reload(FRONT).generation
    store.layout.slot(FRONT).write_text("{")
    mended = store.reload(FRONT).generation
    assert mended > seen + 1
    assert store.slot(FRONT).trouble == ""
    for path in (store.layout.slot(FRONT), store.layout.copy(FRONT)):
        lost_ns = path.stat().st_mtime_ns + 10**9
        path.write_text("{")
        os.utime(path, ns=(lost_ns, lost_ns))
    assert activate(store, digest) > mended + 1
    assert store.slot(FRONT).trouble == ""
    assert activate(store, add(store, "other")) == store.slot(FRONT).slot.generation


def test_a_lost_slot_may_have_been_one_ahead_of_its_copy(store: Store) -> None:
    """As it is replaced first. Here the clock, too, says nothing."""
    lost = store.reload(FRONT).generation + 1
    for path in (store.layout.slot(FRONT), store.layout.copy(FRONT)):
        os.utime(path, (0, 0))
    store.layout.slot(FRONT).unlink()
    assert store.reload(FRONT).generation > lost


def test_folders_that_are_none_are_troubles(store: Store) -> None:
    digest = add(store, "street")
    activate(store, digest)
    for folder in (store.layout.records, store.layout.slots, store.layout.quarantine):
        folder.rename(folder.with_suffix(".old"))
        folder.write_text("")
    assert store.versions() == ((), ("records cannot be read (Not a directory)",))
    assert store.slots() == ({}, ("slots cannot be read (Not a directory)",))
    assert "slots/front.json cannot be read (Not a directory)" in store.slot(FRONT).trouble
    assert store.version(digest).record is None
    assert store.quarantined(digest)


def test_a_damaged_slot_without_a_copy_is_a_trouble(store: Store) -> None:
    activate(store, add(store, "street"))
    store.layout.slot(FRONT).write_text("{")
    store.layout.copy(FRONT).unlink()
    slot, trouble = store.slot(FRONT)
    assert slot == EMPTY
    assert "slots/front.json is damaged" in trouble
    assert ", and its copy is missing: what the configuration names counts" in trouble


def test_a_package_that_is_no_folder_is_missing(store: Store) -> None:
    digest = add(store, "street")
    packages = store.layout.packages
    (packages / digest).chmod(0o700)
    (packages / digest).rename(packages / "elsewhere")
    (packages / digest).write_text("a file")
    missing = "its package is missing; add it again or remove it"
    assert store.version(digest).trouble == missing
    packages.rename(packages.with_suffix(".old"))
    packages.write_text("a file")
    assert store.version(digest).trouble == missing


def test_a_strangers_package_is_not_used(store: Store) -> None:
    root()
    digest = add(store, "street")
    os.chown(store.version(digest).package, 12345, 12345)
    assert store.version(digest).trouble == "its package belongs to user 12345, not 0; remove it"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(st.binary(max_size=200), st.integers(0, 500), st.sampled_from(["slot", "record", "note"]))
def test_no_byte_makes_a_reader_fail(store: Store, put: bytes, at: int, which: str) -> None:
    digest = add(store, "street") if not see(store).records else record("street").digest
    if FRONT not in store.slots().by_name:
        activate(store, digest)
        store.quarantine(digest, "leaks", NOW)
    layout = store.layout
    path = {
        "slot": layout.slot(FRONT),
        "record": layout.record(digest),
        "note": layout.note(digest),
    }[which]
    good = path.read_bytes()
    path.write_bytes(good[:at] + put + good[at + len(put) :])
    reader = Reader(layout.root.parent)
    reader.slot(FRONT)
    reader.slots()
    reader.versions()
    reader.quarantined(digest)
    path.write_bytes(good)
    assert reader.slot(FRONT).trouble == ""


def test_a_slot_that_comes_while_one_looks_is_no_trouble(store: Store) -> None:
    digest, copy = add(store, "street"), store.layout.copy(FRONT)
    disk = Meanwhile(copy, lambda: activate(store, digest))
    assert Reader(store.layout.root.parent, disk).slot(FRONT) == store.slot(FRONT)
    assert store.slot(FRONT).slot.active == digest


def test_a_version_that_goes_while_one_looks_is_no_trouble(store: Store) -> None:
    digest = add(store, "street")
    disk = Meanwhile(store.layout.package(digest), lambda: store.remove(digest))
    assert Reader(store.layout.root.parent, disk).versions() == ((), ())


def test_a_revert_while_one_looks_is_seen_before_or_after(store: Store) -> None:
    digest = add(store, "street")
    generation = activate(store, digest)
    note = store.layout.note(digest)
    disk = Meanwhile(note, lambda: store.revert(FRONT, generation, "crashed", NOW))
    assert Reader(store.layout.root.parent, disk).slot(FRONT) == store.slot(FRONT)


def test_nothing_is_left_open(store: Store, way: Way) -> None:
    activate(store, add(store, "street"))
    way[0](store.layout.slot(FRONT))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        store.slot(FRONT)
        store.slots()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
