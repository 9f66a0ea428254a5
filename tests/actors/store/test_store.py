"""What can be done to slots and versions, and what is refused in which words."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.store.slot import EMPTY, effective
from actors.store.store import Store
from actors.store.trouble import StoreError
from tests.actors.store.rig import (
    BACK,
    CONFIGURED,
    FRONT,
    HOUR_NS,
    NOW,
    activate,
    activate_good,
    add,
    digest_of,
    record,
    see,
    staged,
)
from tests.actors.store.watched import Watched, fail

UNKNOWN = "0" * 64
LATER = NOW._replace(utc_ns=NOW.utc_ns + 2 * HOUR_NS)


def test_a_version_is_activated_and_settles(store: Store) -> None:
    digest = add(store, "street")
    slot = store.activate(FRONT, digest, configured=CONFIGURED, probation_s=1.5, now=NOW)
    assert (slot.generation, slot.active, slot.good) == (1, digest, False)
    assert slot.probation_until_ns == NOW.boottime_ns + 1_500_000_000
    assert store.slot(FRONT) == (slot, "")
    assert store.settle(FRONT, 1) == store.slot(FRONT).slot
    assert store.slot(FRONT).slot.good
    assert store.slot(BACK) == (EMPTY, "")


def test_activating_what_runs_changes_nothing(store: Store) -> None:
    digest = add(store, "street")
    activate_good(store, digest)
    before = store.slot(FRONT).slot
    assert activate(store, digest, now=LATER) == before.generation
    assert store.slot(FRONT).slot == before
    other = store.activate(FRONT, digest, configured="other", probation_s=9, now=NOW)
    assert other.generation == before.generation + 1
    assert effective(other, "other") == digest
    url = "https://host/m.zip?sig=abc"
    for _ in range(2):
        slot = store.activate(FRONT, digest, configured=url, probation_s=9, now=NOW)
        assert slot.generation == before.generation + 2


def test_activating_what_runs_mends_a_slot(store: Store) -> None:
    digest = add(store, "street")
    generation = activate(store, digest)
    store.layout.slot(FRONT).write_text("{")
    assert activate(store, digest) > generation
    assert store.slot(FRONT).trouble == ""
    assert store.slot(FRONT).slot.active == digest


def test_a_slot_that_has_settled_is_not_written_again(store: Store) -> None:
    activate_good(store, add(store, "street"))
    inode = store.layout.slot(FRONT).stat().st_ino
    store.settle(FRONT, 1)
    store.note_probation(FRONT, NOW)
    assert store.layout.slot(FRONT).stat().st_ino == inode


def test_what_the_configuration_names_can_be_chosen_again(store: Store) -> None:
    digest = add(store, "street")
    activate_good(store, digest)
    slot = store.activate(FRONT, "", configured=CONFIGURED, probation_s=60, now=LATER)
    assert (slot.active, slot.previous, slot.good, slot.generation) == ("", digest, True, 2)
    assert slot.activated_utc_ns == LATER.utc_ns
    assert activate(store, "", now=NOW) == 2
    assert store.slot(FRONT) == (slot, "")


def test_what_only_tidies_may_fail(store: Store) -> None:
    """An order of use that is lost, or garbage that stays, is no failure."""

    def fail_at_times(point: str) -> None:
        if point in {"before mark_used", "before remove_folder"}:
            fail(point)

    frail = Store(store.layout.root.parent, Watched(fail_at_times))
    digest = add(frail, "street")
    activate(frail, digest)
    assert frail.rollback(FRONT, NOW).active == ""
    assert frail.remove(digest).digest == digest
    assert see(store).records == {}
    assert [path.split("/")[0] for path in store.sweep()] == ["staging", "packages"]


def test_what_must_not_run_is_not_activated(store: Store) -> None:
    digest = add(store, "street")
    with staged(store, "raw") as package:
        raw = store.add(package, replace(record("raw"), admission=None), digest_of).digest
    lost = add(store, "lost")
    store.version(lost).package.chmod(0o700)
    store.version(lost).package.rename(store.layout.root / "elsewhere")
    store.quarantine(digest, "three\ncrashes \x1b[31m", NOW)
    before = see(store).slots
    for asked, sentence in {
        UNKNOWN: "000000000000: not in the store",
        digest: f"street 1 ({digest[:12]}): quarantined (three crashes [31m); release it first",
        raw: f"raw 1 ({raw[:12]}): not admitted; add it again with its admission",
        lost: f"lost 1 ({lost[:12]}): its package is missing; add it again or remove it",
    }.items():
        with pytest.raises(StoreError) as refused:
            activate(store, asked)
        assert str(refused.value) == f"slot front: {sentence}"
    assert see(store).slots == before
    store.release(digest)
    assert activate(store, digest) == 1


def test_a_rollback_goes_to_the_last_good_one(store: Store) -> None:
    first, second = add(store, "street", "1"), add(store, "street", "2")
    activate_good(store, first)
    activate(store, second)
    slot = store.rollback(FRONT, LATER)
    assert (slot.active, slot.generation, slot.good) == (first, 3, True)
    assert store.rollback(FRONT, LATER).active == ""
    with pytest.raises(StoreError, match=r"^slot front: there is nothing before what runs to go"):
        store.rollback(FRONT, LATER)
    with pytest.raises(StoreError, match="nothing before"):
        store.rollback(BACK, LATER)


def test_a_rollback_to_what_must_not_run_is_refused(store: Store) -> None:
    first, second = add(store, "street", "1"), add(store, "street", "2")
    activate_good(store, first)
    activate(store, second)
    store.quarantine(first, "leaks", NOW)
    with pytest.raises(StoreError, match=r"^slot front: street 1 .* quarantined \(leaks\)"):
        store.rollback(FRONT, NOW)
    assert store.slot(FRONT).slot.active == second


def test_a_reload_is_a_generation_and_nothing_else(store: Store) -> None:
    activate(store, add(store, "street"))
    before = store.slot(FRONT).slot
    assert store.reload(FRONT) == replace(before, generation=2)
    assert store.reload(BACK) == replace(EMPTY, generation=1)


def test_a_slot_that_moved_on_is_neither_settled_nor_reverted(store: Store) -> None:
    activate(store, add(store, "street"))
    slot = store.reload(FRONT)
    assert store.settle(FRONT, 1) == slot
    assert store.revert(FRONT, 1, "late", NOW) == slot
    assert store.settle(FRONT, 3) == slot
    assert see(store).notes == {}
    assert not store.slot(FRONT).slot.good


def test_a_version_that_fails_is_put_back_and_barred(store: Store) -> None:
    first, second = add(store, "street", "1"), add(store, "street", "2")
    activate_good(store, first)
    generation = activate(store, second)
    slot = store.revert(FRONT, generation, "crashed\n3 times", LATER)
    assert (slot.active, slot.good, slot.generation) == (first, True, generation + 1)
    assert (slot.reverted, slot.reason) == (second, "crashed 3 times")
    assert slot.activated_utc_ns == LATER.utc_ns
    assert store.slot(FRONT) == (slot, "")
    with pytest.raises(StoreError, match=r"quarantined \(crashed 3 times\)"):
        activate(store, second)
    assert store.revert(FRONT, generation, "again", LATER) == slot


def test_a_first_version_that_fails_gives_way_to_the_configuration(store: Store) -> None:
    slot = store.revert(FRONT, activate(store, add(store, "street")), "crashed", NOW)
    assert (slot.active, slot.good) == ("", True)
    with pytest.raises(StoreError, match=r"^slot front: runs what the configuration names"):
        store.revert(FRONT, slot.generation, "crashed", NOW)


def test_a_revert_does_not_go_back_to_what_must_not_run(store: Store) -> None:
    first, second = add(store, "street", "1"), add(store, "street", "2")
    activate_good(store, first)
    generation = activate(store, second)
    store.quarantine(first, "leaks", NOW)
    assert store.revert(FRONT, generation, "crashed", NOW).active == ""


def test_a_revert_cut_short_is_done_for_all_who_look(store: Store) -> None:
    """With the note there and the slot's file as before, as a kill in between leaves it."""
    first, second = add(store, "street", "1"), add(store, "street", "2")
    activate_good(store, first)
    generation = activate(store, second)
    path = store.layout.slot(FRONT)
    before = path.read_bytes()
    done = store.revert(FRONT, generation, "crashed", NOW)
    after = path.read_bytes()
    path.write_bytes(before)
    assert store.slot(FRONT) == (done, "")
    assert store.slots().by_name == {FRONT: (done, "")}
    assert store.revert(FRONT, generation, "again", NOW) == done
    store.release(second)  # which must not undo it
    assert path.read_bytes() == after
    path.write_bytes(before)
    assert store.slot(FRONT).slot.active == second  # it was the note that did it


def test_a_quarantine_does_not_undo_a_revert_cut_short(store: Store) -> None:
    generation = activate(store, add(store, "street"))
    path = store.layout.slot(FRONT)
    before = path.read_bytes()
    done = store.revert(FRONT, generation, "crashed", NOW)
    path.write_bytes(before)
    store.quarantine(done.reverted, "leaks, too", LATER)
    assert store.slot(FRONT) == (done, "")


def test_a_revert_is_done_once(store: Store) -> None:
    """What becomes of its note later does not touch a slot that has moved on."""
    first, second = add(store, "street", "1"), add(store, "street", "2")
    store.revert(FRONT, activate(store, first), "crashed", NOW)
    activate(store, second)
    before = store.slot(FRONT)
    store.quarantine(first, "leaks, too", LATER)
    assert store.slot(FRONT) == before
    store.release(first)
    assert store.slot(FRONT) == before


def test_a_second_slot_that_fails_does_not_undo_the_first_ones_revert(store: Store) -> None:
    digest = add(store, "street")
    in_front, in_back = activate(store, digest), activate(store, digest, BACK)
    before = store.layout.slot(FRONT).read_bytes()
    store.revert(FRONT, in_front, "crashed in front", NOW)
    store.layout.slot(FRONT).write_bytes(before)
    store.revert(BACK, in_back, "crashed in the back", NOW)
    assert store.slot(FRONT).slot.reason == "crashed in front"
    assert store.slot(BACK).slot.reason == "crashed in the back"
    assert [r.slot.active for r in store.slots().by_name.values()] == ["", ""]


def test_a_quarantine_stops_what_comes_and_not_what_runs(store: Store) -> None:
    digest = add(store, "street")
    activate(store, digest)
    note = store.quarantine(digest, "leaks", NOW)
    assert store.version(digest).quarantine == note
    assert store.slot(FRONT).slot.active == digest


def test_a_version_can_be_barred_before_it_comes(store: Store) -> None:
    digest = record("street").digest
    store.quarantine(digest, "known to crash", NOW)
    assert add(store, "street") == digest
    with pytest.raises(StoreError, match="known to crash"):
        activate(store, digest)
    assert store.release(digest).quarantine is None
    assert store.release(digest).quarantine is None


def test_what_a_slot_names_is_not_removed(store: Store) -> None:
    first, second = add(store, "street", "1"), add(store, "street", "2")
    activate_good(store, first)
    activate(store, second)
    for digest in (first, second):
        with pytest.raises(StoreError, match=r"^street . .*: slot front runs it or may go back"):
            store.remove(digest)
    activate_good(store, add(store, "street", "3"))
    assert store.remove(second).digest == second
    assert not store.layout.package(second).exists()
    assert not store.layout.record(second).exists()
    with pytest.raises(StoreError, match=f"^{second[:12]}: not in the store$"):
        store.remove(second)


def test_a_removed_version_stays_barred(store: Store) -> None:
    digest = add(store, "street")
    store.quarantine(digest, "leaks", NOW)
    store.remove(digest)
    assert see(store).records == {}
    with pytest.raises(StoreError, match="leaks"):
        activate(store, add(store, "street"))


def test_cleaning_takes_the_longest_unused_first(store: Store) -> None:
    old = NOW.utc_ns - 9 * HOUR_NS
    a, b, c, d = (add(store, "street", str(n), old + n) for n in range(4))
    for n, digest in enumerate((c, b, a, d)):
        activate(store, digest, now=NOW._replace(utc_ns=NOW.utc_ns + n))  # lets go of the last
    size = sum(r.bytes for r in see(store).records.values() if r) // 4
    activate(store, a, now=LATER)
    cleaned = store.clean(2 * size, LATER)
    assert cleaned == ((c, b), 2 * size, "")
    assert set(see(store).records) == {a, d}
    assert store.clean(2 * size, LATER) == ((), 0, "")


def test_cleaning_says_what_it_could_not_reach(store: Store) -> None:
    young, used = add(store, "young"), add(store, "used", "1", NOW.utc_ns - 2 * HOUR_NS)
    activate(store, used)
    cleaned = store.clean(100, NOW)
    assert cleaned.removed == ()
    total = sum(r.bytes for r in see(store).records.values() if r)
    assert cleaned.left.startswith(f"{total - 100:,} bytes over the quota of 100 stay: ")
    assert f"used 1 ({used[:12]}) is used by front" in cleaned.left
    assert f"young 1 ({young[:12]}) is younger than an hour" in cleaned.left


def test_while_a_slot_cannot_be_read_nothing_is_removed(store: Store) -> None:
    digest, spare = add(store, "street"), add(store, "spare", "1", NOW.utc_ns - 2 * HOUR_NS)
    activate(store, digest)
    store.layout.slot(FRONT).write_text("{")
    with pytest.raises(StoreError, match=r"spare .* not removed, as it may be in use: slots/front"):
        store.remove(spare)
    cleaned = store.clean(0, NOW)
    assert cleaned[:2] == ((), 0)
    assert cleaned.left.startswith("nothing is removed, as it may be in use: slots/front.json is")
    activate(store, spare)
    assert store.slot(FRONT).trouble == ""
    assert store.remove(digest).digest == digest


def test_a_version_is_found_by_name_the_newest_first(store: Store) -> None:
    first = add(store, "street", "1", NOW.utc_ns + 1)
    second = add(store, "street", "2", NOW.utc_ns + 3)
    add(store, "cars", "2", NOW.utc_ns + 5)
    with staged(store, "street", "3") as package:
        raw = replace(record("street", "3"), admission=None, added_utc_ns=NOW.utc_ns + 9)
        store.add(package, raw, digest_of)
    assert store.find("street").digest == second
    assert store.find("street", "1").digest == first
    store.quarantine(second, "leaks", NOW)
    assert store.find("street").digest == first
    for asked, sentence in (
        (("stret",), "nothing is named 'stret'; did you mean 'street'?"),
        (("xyz",), "nothing is named 'xyz'; there is cars, street"),
        (("street", "20"), "street has no version '20'; did you mean '2'?"),
        (("street", "next"), "street has no version 'next'; there is 1, 2, 3"),
        (("street", "2"), f"street 2 ({second[:12]}): quarantined (leaks); release it first"),
    ):
        with pytest.raises(StoreError) as refused:
            store.find(*asked)
        assert str(refused.value) == sentence


def test_in_an_empty_store_nothing_is_found(store: Store) -> None:
    with pytest.raises(StoreError, match=r"^nothing is named 'street'; there is nothing in the st"):
        store.find("street")


def test_a_store_of_the_same_folder_is_the_same_store(store: Store, tmp_path: Path) -> None:
    activate(store, add(store, "street"))
    assert see(Store(tmp_path / "state")) == see(store)


def test_a_probation_is_noted_and_goes_on_in_the_next_boot(store: Store) -> None:
    activate(store, add(store, "street"))
    store.note_probation(FRONT, NOW._replace(boottime_ns=NOW.boottime_ns + 45 * 10**9))
    slot = store.note_probation(FRONT, NOW._replace(boottime_ns=10**9, boot_id="boot-2"))
    assert (slot.probation_left_ns, slot.probation_until_ns) == (15 * 10**9, 16 * 10**9)
    assert store.slot(FRONT).slot == slot
    settled = store.settle(FRONT, slot.generation)
    assert store.note_probation(FRONT, NOW) == settled
