"""A name is checked before it becomes a path, whatever it is for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.store.layout import Layout, digests_among, is_slot, slots_among
from actors.store.reader import Reader
from actors.store.store import Store
from actors.store.trouble import StoreError
from tests.actors.store.rig import CONFIGURED, FRONT, NOW, add, digest_of, record, staged

DIGEST = "0123456789abcdef" * 4
BAD_SLOTS = (
    "",
    ".",
    "..",
    "../front",
    "a/b",
    "/etc",
    "Front",
    "-a",
    "_a",
    "a.b",
    "a b",
    "a\n",
    "\na",
    "ä",
    "a\0",
    "a" * 25,
)
BAD_DIGESTS = (
    "..",
    "../" + DIGEST,
    DIGEST.upper(),
    DIGEST[1:],
    DIGEST + "0",
    DIGEST + "\n",
    "\n" + DIGEST,
    DIGEST[1:] + "g",
    DIGEST[1:] + "٣",
)
ABOUT_SLOTS: tuple[Callable[[Store, str], object], ...] = (
    lambda store, name: store.slot(name),
    lambda store, name: store.activate(name, "", configured=CONFIGURED, probation_s=1, now=NOW),
    lambda store, name: store.rollback(name, NOW),
    lambda store, name: store.reload(name),
    lambda store, name: store.settle(name, 1),
    lambda store, name: store.note_probation(name, NOW),
    lambda store, name: store.revert(name, 1, "crashed", NOW),
)
ABOUT_VERSIONS: tuple[Callable[[Store, str], object], ...] = (
    lambda store, digest: store.version(digest),
    lambda store, digest: store.quarantined(digest),
    lambda store, digest: store.quarantine(digest, "leaks", NOW),
    lambda store, digest: store.release(digest),
    lambda store, digest: store.remove(digest),
    lambda store, digest: store.activate(
        FRONT, digest, configured=CONFIGURED, probation_s=1, now=NOW
    ),
)


@pytest.mark.parametrize("do", ABOUT_SLOTS)
def test_a_slot_is_named_like_an_entry(store: Store, do: Callable[[Store, str], object]) -> None:
    for name in BAD_SLOTS:
        with pytest.raises(
            StoreError, match=r"not a slot's name; it is that of an \[\[inference\]"
        ):
            do(store, name)
    assert store.slots() == ({}, ())


@pytest.mark.parametrize("do", ABOUT_VERSIONS)
def test_a_version_is_named_by_a_digest(store: Store, do: Callable[[Store, str], object]) -> None:
    for digest in (*BAD_DIGESTS, *([""] if do is not ABOUT_VERSIONS[-1] else [])):
        with pytest.raises(StoreError, match="not a version's digest, which is 64 digits 0-9 a-f"):
            do(store, digest)
    assert store.versions() == ((), ())
    assert store.slots() == ({}, ())


def test_a_package_is_not_added_under_another_name(store: Store) -> None:
    for digest in BAD_DIGESTS:
        with staged(store, "street") as package, pytest.raises(StoreError, match="not a version's"):
            store.add(package, record("street", "1", digest), digest_of)
    assert list(store.layout.packages.iterdir()) == []


def test_the_longest_and_the_shortest_names_will_do(store: Store) -> None:
    for name in ("a", "0", "a" * 24, "0_-z"):
        assert store.reload(name).generation == 1
    assert sorted(store.slots().by_name) == ["0", "0_-z", "a", "a" * 24]


def test_a_wrong_name_is_shown_as_it_is_but_not_in_full(store: Store) -> None:
    with pytest.raises(StoreError) as refused:
        store.reload("a\x1b[31m" + "b" * 200)
    assert str(refused.value).startswith(r"'a\x1b[31mb")
    assert len(str(refused.value)) < 250


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_name_leads_elsewhere(name: str) -> None:
    layout = Layout(Path("/state/models"))
    makers = (layout.slot, layout.copy, layout.record, layout.note, layout.package)
    for make in makers:
        try:
            path = make(name)
        except StoreError:
            continue
        assert path.parent.parent == layout.root
        assert path.name.startswith(name)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_name_is_two_slots(name: str) -> None:
    assert not (is_slot(name) and is_slot(name + ".copy"))


def test_only_files_with_a_name_of_ours_count() -> None:
    files = ["front.json", "front.copy.json", "back.copy.json", "x.json.tmp", "A.json", "y"]
    assert slots_among(files) == ["back", "front"]
    files = [f"{DIGEST}.json", f"{DIGEST}.json.tmp", f"{DIGEST[1:]}.json", DIGEST, "README.json"]
    assert digests_among(files) == [DIGEST]


def test_what_is_not_ours_is_neither_read_nor_removed(store: Store) -> None:
    digest = add(store, "street")
    store.reload(FRONT)
    layout = store.layout
    for folder in (layout.records, layout.slots, layout.quarantine, layout.packages, layout.root):
        (folder / "README.txt").write_text("mine")
        (folder / "Notes.json").write_text("{")
        (folder / "lost+found").mkdir(mode=0o700)
        (folder / "lost+found" / f"{digest}.json").write_text("{")
    listing, slots = store.versions(), store.slots()
    assert [version.digest for version in listing.versions] == [digest]
    assert list(slots.by_name) == [FRONT]
    assert listing.troubles == slots.troubles == ()
    assert store.sweep() == ()
    assert store.clean(0, NOW._replace(utc_ns=2 * NOW.utc_ns)).removed == (digest,)
    assert store.sweep() == ()
    assert len(list(layout.root.rglob("README.txt"))) == 5
    assert len(list(layout.root.rglob("Notes.json"))) == 5
    assert len(list(layout.root.rglob(f"lost+found/{digest}.json"))) == 5
    assert Reader(layout.root.parent).versions() == ((), ())
