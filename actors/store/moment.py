"""When something happens, as the store is told it: the store reads no clock."""

from pathlib import Path
from typing import NamedTuple


class Moment(NamedTuple):
    """One instant on the two clocks that matter here."""

    utc_ns: int  # `time.time_ns()`: may jump; for people and for ages
    boottime_ns: int  # CLOCK_BOOTTIME: steady, and it starts anew with each boot
    boot_id: str  # which boot that is


def boot_id() -> str:
    """The kernel's name for this boot, random."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
