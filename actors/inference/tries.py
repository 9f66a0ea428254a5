"""How often a model was begun to be loaded in vain, and when it may be tried again.

A process that is ended by its model cannot say so: each notes its try before it loads. The file
lies beside the post's lock, and a reboot or another generation of the slot starts the count anew.
"""

import os
from pathlib import Path

import msgspec
from msgspec.structs import replace

from actors.store.moment import Moment
from bus.health import SECOND_NS

FIRST_WAIT_NS, LONGEST_WAIT_NS = 2 * SECOND_NS, 300 * SECOND_NS
NEVER_NS = 1 << 62
MOST_COUNTED = 30


class Tries(msgspec.Struct, frozen=True):
    """Of one generation in one boot."""

    generation: int
    boot: str
    count: int = 0
    next_ns: int = 0  # CLOCK_BOOTTIME, not before


def waiting_ns(count: int) -> int:
    """How long to wait after so many."""
    return min(FIRST_WAIT_NS << max(count - 1, 0), LONGEST_WAIT_NS)


class TriesFile:
    """The tries of one entry."""

    def __init__(self, run_dir: Path, entry: str) -> None:
        self._path = run_dir / "posts" / f"{entry}.tries.json"

    def read(self, generation: int, now: Moment) -> Tries:
        none = Tries(generation, now.boot_id)
        try:
            tries = msgspec.json.decode(self._path.read_bytes(), type=Tries)
        except (FileNotFoundError, msgspec.MsgspecError):
            return none
        return tries if (tries.generation, tries.boot) == (none.generation, none.boot) else none

    def begin(self, generation: int, now: Moment) -> Tries:
        """Note one more; returns those before it."""
        before = self.read(generation, now)
        count = min(before.count + 1, MOST_COUNTED)
        next_ns = now.boottime_ns + waiting_ns(count)
        self._write(replace(before, count=count, next_ns=next_ns))
        return before

    def give_up(self, generation: int, now: Moment) -> None:
        """Not again, until something else is wanted."""
        self._write(replace(self.read(generation, now), next_ns=NEVER_NS))

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def _write(self, tries: Tries) -> None:
        new = self._path.with_suffix(f".{os.getpid()}")
        new.write_bytes(msgspec.json.encode(tries))
        new.replace(self._path)
