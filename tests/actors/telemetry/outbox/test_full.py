"""The disk is full: said, counted, and over when there is room again."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from actors.telemetry.outbox.trouble import OutboxError
from tests.actors.telemetry.outbox.cramped import MIB, TURN, TURNS, Seen
from tests.actors.telemetry.outbox.rig import (
    MANY,
    NOW_NS,
    STREET,
    YARD,
    ids,
    letter,
    letters,
    outbox_of,
    words,
)
from tests.programs import missing, program

ROOT = Path(__file__).parents[4]
LONG = "x" * 4000
DEADLINE_S = 60.0


@contextmanager
def no_file_longer_than(size_bytes: int) -> Iterator[None]:
    """Of this process, by the kernel."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_the_disk_does_not_take_is_said_and_counted(path: Path) -> None:
    log = Path(f"{path}-wal")
    with outbox_of(path) as outbox:
        outbox.accept([*letters("ab"), letter("c", YARD)], NOW_NS)
        with no_file_longer_than(log.stat().st_size + 20_000):
            for _ in range(2):
                with pytest.raises(OutboxError, match=r"/outbox\.db: .*; look after the disk"):
                    outbox.accept(letters([LONG] * 50), NOW_NS)
            assert outbox.dropped() == {(STREET, "disk"): 100}
            assert words(outbox.next("cloud", NOW_NS, MANY)) == ["a", "b", "c"]
        outbox.accept([letter("d"), letter("e", YARD)], NOW_NS)
        after = outbox.next("cloud", NOW_NS, MANY)
        assert [(each.letter.body, each.number) for each in after] == [(b"d", 103), (b"e", 2)]
    with outbox_of(path) as outbox:
        assert outbox.dropped() == {(STREET, "disk"): 100}


def test_confirmations_that_the_disk_does_not_take_are_kept_in_mind(path: Path) -> None:
    log = Path(f"{path}-wal")
    with outbox_of(path) as outbox:
        outbox.accept(letters("abc"), NOW_NS)
        given = outbox.next("cloud", NOW_NS, 2)
        with no_file_longer_than(log.stat().st_size):
            outbox.confirm("cloud", ids(given))
            outbox.reopen("cloud")
            assert words(outbox.next("cloud", NOW_NS, MANY)) == ["c"]
            assert outbox.size().letters == 3
        outbox.accept([], NOW_NS)
        assert outbox.size().letters == 1
        outbox.reopen("cloud")
        assert words(outbox.next("cloud", NOW_NS, MANY)) == ["c"]


@pytest.fixture(scope="module")
def cramped() -> dict[str, Seen]:
    """What the program of that name saw, on a small file system of its own."""
    unshare = [program("unshare"), "--user", "--map-root-user", "--mount"]
    if subprocess.run([*unshare, "true"], check=False).returncode:
        missing("a mount namespace for plain users, with a small file system to fill")
    command = [*unshare, sys.executable, "-m", "tests.actors.telemetry.outbox.cramped"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=DEADLINE_S)
    return msgspec.json.decode(done.stdout, type=dict[str, Seen])


def test_the_outbox_does_not_fill_a_disk_by_itself(cramped: dict[str, Seen]) -> None:
    seen = cramped["alone"]
    assert seen.errors == set()
    assert (seen.uncounted, seen.reasons) == (0, {"disk"})
    assert seen.newest == f"{TURNS - 1}.{TURN - 1}"
    assert seen.least_available_bytes > MIB


def test_a_disk_that_others_fill_costs_what_is_said(cramped: dict[str, Seen]) -> None:
    seen = cramped["others"]
    assert seen.errors == {"/mnt/others/outbox.db: the disk is full; make room on it"}
    assert (seen.uncounted, seen.reasons) == (0, {"disk"})
    assert seen.newest == "last"
