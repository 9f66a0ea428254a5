"""A slot: which stored version an inference entry runs, and how it changes (pure).

Each function is one step of a slot's life and returns the slot after it. A probation lasts
for so much time spent running: what was left of it, as last noted, goes on after a reboot.
"""

import hashlib
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import replace

from actors.address import masked
from actors.store.layout import Choice
from actors.store.moment import Moment

Count = Annotated[int, Meta(ge=0, le=2**62)]


class Slot(Struct, frozen=True):
    """Desired state of one `[[inference]]` entry. A digest of "" is what the configuration names.

    A file without the first four fields is none of ours; later fields need a default.
    """

    generation: Count  # steps up with every change that asks posts to load anew
    active: Choice
    previous: Choice  # the last good one before `active`
    configured: str  # the configuration's `model` when `active` was chosen, as `told` has it
    activated_utc_ns: int = 0
    boot_id: str = ""  # the boot in which `probation_until_ns` counts
    probation_until_ns: Count = 0  # CLOCK_BOOTTIME
    probation_left_ns: Count = 0  # when last noted: all that counts in another boot
    good: bool = True  # `active` has survived its probation
    reverted: Choice = ""  # the version that was last put back for failing,
    reason: str = ""  # and why, until something else is activated


EMPTY = Slot(generation=0, active="", previous="", configured="")


class Reading(NamedTuple):
    """A slot as it could be read. With `trouble` it is a guess: who runs something keeps it."""

    slot: Slot
    trouble: str = ""  # a sentence for health


class Quarantine(Struct, frozen=True):
    """Why a version must not run again; of a revert also which change of a slot it undoes."""

    digest: Choice
    reason: str
    quarantined_utc_ns: int = 0
    slot: str = ""
    generation: Count = 0
    fallback: Choice = ""  # what that slot runs instead


def effective(slot: Slot, configured: str) -> str:
    """The digest to run, or "" for what the configuration names: it wins if it has changed."""
    return slot.active if slot.configured == told(configured) else ""


def told(configured: str) -> str:
    """A configuration's `model` to remember and compare; what may be secret only as a hash."""
    shown = masked(configured) if "://" in configured else configured
    if shown == configured:
        return configured
    return f"{shown} #{hashlib.sha256(configured.encode()).hexdigest()[:16]}"


def activated(slot: Slot, digest: str, configured: str, probation_ns: int, now: Moment) -> Slot:
    """With another version to run, on probation unless it is the configuration's."""
    last_good = ""
    if slot.configured == told(configured):
        last_good = slot.active if slot.good else slot.previous
    probation_ns = probation_ns if digest else 0
    return Slot(
        generation=slot.generation + 1,
        active=digest,
        previous=last_good if last_good != digest else "",
        configured=told(configured),
        activated_utc_ns=now.utc_ns,
        boot_id=now.boot_id,
        probation_until_ns=now.boottime_ns + probation_ns,
        probation_left_ns=probation_ns,
        good=probation_ns == 0,
    )


def can_roll_back(slot: Slot) -> bool:
    """Whether there is a version before, or a model in the configuration that was left."""
    return bool(slot.previous or (slot.active and slot.configured))


def rolled_back(slot: Slot, utc_ns: int) -> Slot:
    """One step back. It forgets what it leaves: nothing returns there by itself."""
    return _settled_on(slot, slot.previous, utc_ns)


def reverted(slot: Slot, note: Quarantine) -> Slot:
    """After the version that `note` is about has failed."""
    back = _settled_on(slot, note.fallback, note.quarantined_utc_ns)
    return replace(back, reverted=note.digest, reason=note.reason)


def is_undone_by(slot: Slot, name: str, note: Quarantine) -> bool:
    """Whether this very change of the slot was reverted, if its file does not say so yet."""
    return (name, slot.generation, slot.active) == (note.slot, note.generation, note.digest)


def reloaded(slot: Slot) -> Slot:
    return replace(slot, generation=slot.generation + 1)


def settled(slot: Slot) -> Slot:
    """With the probation survived."""
    return replace(slot, good=True, probation_until_ns=0, probation_left_ns=0)


def noted(slot: Slot, now: Moment) -> Slot:
    """With what is left of the probation on record, in terms of this boot."""
    left_ns = probation_left_ns(slot, now)
    return replace(
        slot,
        boot_id=now.boot_id,
        probation_until_ns=now.boottime_ns + left_ns,
        probation_left_ns=left_ns,
    )


def probation_left_ns(slot: Slot, now: Moment) -> int:
    """0 when it is over. Another boot has spent nothing of it until that is noted."""
    if slot.good:
        return 0
    if slot.boot_id != now.boot_id:
        return slot.probation_left_ns
    return max(0, min(slot.probation_until_ns - now.boottime_ns, slot.probation_left_ns))


def _settled_on(slot: Slot, digest: str, utc_ns: int) -> Slot:
    return Slot(
        generation=slot.generation + 1,
        active=digest,
        previous="",
        configured=slot.configured,
        activated_utc_ns=utc_ns,
    )
