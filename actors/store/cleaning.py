"""What to remove so that the store keeps to its quota (pure)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from actors.store.record import Version

HOUR_NS = 3600 * 1_000_000_000
MOST_NAMED = 4


class Plan(NamedTuple):
    """What goes, and a sentence about what stays though the quota is passed, or ""."""

    remove: tuple[Version, ...]
    left: str = ""


class Cleaned(NamedTuple):
    """What went."""

    removed: tuple[str, ...]  # digests
    freed_bytes: int
    left: str = ""  # why the quota is still passed


def plan(
    versions: Sequence[Version], users: Mapping[str, Sequence[str]], quota_bytes: int, utc_ns: int
) -> Plan:
    """Versions that no slot uses and that are older than an hour, oldest use first.

    `users` says by digest which slots name it.
    """
    over_bytes = sum(_size_bytes(version) for version in versions) - quota_bytes
    remove, kept = [], []
    for version in sorted(versions, key=lambda v: (v.used_utc_ns, v.digest)):
        reason = _reason_to_keep(version, users.get(version.digest, ()), utc_ns)
        if reason:
            kept.append(f"{version.title} {reason}")
        elif over_bytes > 0:
            remove.append(version)
            over_bytes -= _size_bytes(version)
    if over_bytes <= 0:
        return Plan(tuple(remove))
    more = f" and {len(kept) - MOST_NAMED} more" if len(kept) > MOST_NAMED else ""
    return Plan(
        tuple(remove),
        f"{over_bytes:,} bytes over the quota of {quota_bytes:,} stay: "
        f"{', '.join(kept[:MOST_NAMED])}{more}",
    )


def _size_bytes(version: Version) -> int:
    return version.record.bytes if version.record and not version.trouble else 0


def _reason_to_keep(version: Version, slots: Sequence[str], utc_ns: int) -> str:
    if slots:
        return f"is used by {', '.join(slots)}"
    if version.record is None or version.trouble:
        return version.trouble
    # either way: a clock that was set back makes nothing old, one that was set right nothing young
    if abs(utc_ns - version.record.added_utc_ns) < HOUR_NS:
        return "is younger than an hour"
    return ""
