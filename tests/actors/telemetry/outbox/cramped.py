"""A program that tries an outbox on a small file system, which it mounts over /mnt for itself.

It prints, as JSON, what it saw while the outbox was alone there, and while others filled it.
"""

import os
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.trouble import OutboxError
from tests.actors.telemetry.outbox.rig import MANY, NOW_NS, WIDE, letters

PLACE, MIB = Path("/mnt"), 1024 * 1024
DISK_MIB, TURNS, TURN = 16, 100, 100
LIMITS = WIDE._replace(spare_bytes=8 * MIB)
LONG = "x" * 1000


class Seen(NamedTuple):
    errors: set[str]
    uncounted: int  # letters that neither came nor were counted as dropped
    reasons: set[str]
    newest: str
    least_available_bytes: int


class Turn(NamedTuple):
    error: str
    available_bytes: int


def main() -> None:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "none", str(PLACE)]
    subprocess.run(mount, check=True)
    seen = {"alone": alone(), "others": beside_others()}
    sys.stdout.buffer.write(msgspec.json.encode(seen))


def alone() -> Seen:
    with closing(Outbox(PLACE / "alone" / "outbox.db", ["cloud"], LIMITS)) as outbox:
        seen = judged(outbox, accept(outbox))
    for each in (PLACE / "alone").iterdir():
        each.unlink()
    return seen


def beside_others() -> Seen:
    """They take all room, down to the last page, for a while."""
    ballast = PLACE / "ballast"
    with closing(Outbox(PLACE / "others" / "outbox.db", ["cloud"], LIMITS)) as outbox:
        outbox.accept(letters(range(TURN)), NOW_NS)
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        while_full = accept(outbox)
        ballast.unlink()
        outbox.accept(letters(["last"]), NOW_NS)
        return judged(outbox, while_full)


def accept(outbox: Outbox) -> list[Turn]:
    turns = []
    for turn in range(TURNS):
        error = ""
        try:
            outbox.accept(letters(f"{turn}.{at} {LONG}" for at in range(TURN)), NOW_NS)
        except OutboxError as refusal:
            error = str(refusal)
        disk = os.statvfs(PLACE)
        turns.append(Turn(error, disk.f_bavail * disk.f_frsize))
    return turns


def judged(outbox: Outbox, turns: list[Turn]) -> Seen:
    came = outbox.next("cloud", NOW_NS, MANY)
    dropped = outbox.dropped()
    return Seen(
        errors={turn.error for turn in turns} - {""},
        uncounted=came[-1].number - len(came) - sum(dropped.values()),
        reasons={reason for _, reason in dropped},
        newest=came[-1].letter.body.decode().split()[0],
        least_available_bytes=min(turn.available_bytes for turn in turns),
    )


if __name__ == "__main__":
    main()
