"""A slot's life, step by step, without a disk."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from actors.store.moment import Moment, boot_id
from actors.store.slot import (
    EMPTY,
    Slot,
    activated,
    can_roll_back,
    effective,
    noted,
    probation_left_ns,
    reloaded,
    rolled_back,
    settled,
    told,
)
from tests.actors.store.rig import CONFIGURED, NOW

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
MINUTE_NS = 60 * 10**9


def later(now: Moment, ns: int) -> Moment:
    return now._replace(utc_ns=now.utc_ns + ns, boottime_ns=now.boottime_ns + ns)


def chosen(slot: Slot, digest: str, configured: str = CONFIGURED) -> Slot:
    return activated(slot, digest, configured, MINUTE_NS, NOW)


def test_the_configuration_rules_until_something_is_activated() -> None:
    assert effective(EMPTY, CONFIGURED) == ""
    assert effective(chosen(EMPTY, A), CONFIGURED) == A


def test_a_changed_configuration_wins_and_loses_again_when_changed_back() -> None:
    slot = chosen(EMPTY, A)
    assert effective(slot, "builtin:other") == ""
    assert effective(slot, CONFIGURED) == A


def test_only_what_survived_its_probation_is_gone_back_to() -> None:
    first = settled(chosen(EMPTY, A))
    assert (first.previous, first.good) == ("", True)
    second = chosen(first, B)
    assert (second.previous, second.good) == (A, False)
    third = chosen(second, C)
    assert third.previous == A
    assert chosen(settled(third), B).previous == C


def test_back_to_the_last_good_one_there_is_nothing_before() -> None:
    slot = chosen(chosen(settled(chosen(EMPTY, A)), B), A)
    assert (slot.active, slot.previous) == (A, "")


def test_what_ran_under_another_configuration_is_not_gone_back_to() -> None:
    slot = chosen(settled(chosen(EMPTY, A)), B, "builtin:other")
    assert (slot.active, slot.previous) == (B, "")


def test_the_configurations_model_is_not_on_probation() -> None:
    slot = chosen(settled(chosen(EMPTY, A)), "")
    assert (slot.active, slot.previous, slot.good) == ("", A, True)
    assert probation_left_ns(slot, NOW) == 0


def test_without_a_probation_it_is_good_at_once() -> None:
    assert activated(EMPTY, A, CONFIGURED, 0, NOW).good


def test_one_goes_back_step_by_step_and_not_in_circles() -> None:
    slot = settled(chosen(settled(chosen(EMPTY, A)), B))
    ran = [slot.active]
    while can_roll_back(slot):
        slot = rolled_back(slot, NOW.utc_ns)
        ran.append(slot.active)
        assert slot.good
    assert ran == [B, A, ""]
    assert slot.generation == 4


def test_without_a_model_in_the_configuration_the_first_is_the_last() -> None:
    assert not can_roll_back(chosen(EMPTY, A, ""))
    assert not can_roll_back(EMPTY)


def test_every_change_that_asks_for_a_load_is_a_new_generation() -> None:
    slot = chosen(EMPTY, A)
    assert slot.generation == 1
    assert reloaded(slot) == replace(slot, generation=2)
    assert settled(slot).generation == noted(slot, NOW).generation == 1


def test_a_probation_is_counted_in_the_boot_it_began_in() -> None:
    slot = chosen(EMPTY, A)
    assert probation_left_ns(slot, NOW) == MINUTE_NS
    assert probation_left_ns(slot, later(NOW, 20 * 10**9)) == 40 * 10**9
    assert probation_left_ns(slot, later(NOW, MINUTE_NS)) == 0
    assert probation_left_ns(settled(slot), NOW) == 0


def test_a_reboot_neither_skips_a_probation_nor_starts_it_again() -> None:
    slot = noted(chosen(EMPTY, A), later(NOW, 20 * 10**9))
    booted = Moment(NOW.utc_ns + 10 * MINUTE_NS, 3 * 10**9, "boot-2")
    assert probation_left_ns(slot, booted) == 40 * 10**9  # not skipped, though ten minutes passed
    slot = noted(slot, booted)
    assert probation_left_ns(slot, later(booted, 30 * 10**9)) == 10 * 10**9
    assert probation_left_ns(slot, later(booted, 50 * 10**9)) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20 * 10**9)), max_size=30))
def test_a_probation_is_the_time_that_was_noted(steps: list[tuple[bool, int]]) -> None:
    """Each step runs for a while, is noted, and perhaps there is a reboot, before or after it."""
    slot, now, ran_ns = chosen(EMPTY, A), NOW, 0
    for boots, (reboots, ns) in enumerate(steps):
        now = later(now, ns)
        slot, ran_ns = noted(slot, now), ran_ns + ns
        assert probation_left_ns(slot, now) == max(0, MINUTE_NS - ran_ns)
        if reboots:
            now = Moment(NOW.utc_ns - ns, ns % 7, f"another boot {boots}")
            slot = noted(slot, now)


def test_a_clock_that_makes_no_sense_makes_no_longer_probation() -> None:
    slot = replace(chosen(EMPTY, A), probation_until_ns=2**62)
    assert probation_left_ns(slot, NOW) == MINUTE_NS


def test_what_may_be_secret_in_the_configuration_is_not_kept() -> None:
    url = "https://me:hunter2@host/m.zip?sig=abc"
    slot = chosen(EMPTY, A, url)
    assert "hunter2" not in slot.configured
    assert "abc" not in slot.configured
    assert effective(slot, url) == A
    assert effective(slot, url + "d") == ""
    for plain in ("models/v1@home/what?.xml", "builtin:street", ""):
        assert told(plain) == plain


def test_this_boot_has_a_name() -> None:
    assert re.fullmatch(r"[0-9a-f-]{36}", boot_id())
    assert boot_id() == boot_id()


@pytest.mark.parametrize("digest", [A, ""])
def test_the_time_of_a_choice_is_told(digest: str) -> None:
    assert chosen(EMPTY, digest).activated_utc_ns == NOW.utc_ns
    assert rolled_back(chosen(EMPTY, A), 7).activated_utc_ns == 7
