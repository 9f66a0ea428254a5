"""The disk is full at any point of any operation: it says so, and nothing has changed."""

import errno
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from actors.store.disk import Disk
from actors.store.store import Store
from actors.store.tree import discard
from actors.store.trouble import StoreError
from tests.actors.store.rig import (
    BACK,
    FRONT,
    NOW,
    Hasty,
    activate,
    activate_good,
    add,
    content,
    digest_of,
    record,
    see,
    staged,
    sweep,
)
from tests.actors.store.steps import Step, performed
from tests.actors.store.watched import Watched, fail

NEEDS_ROOM = ("make_folder", "write", "sync", "rename", "lock")
FULL = re.compile(
    r"refused: /.*: the disk is full: [\d,]+ bytes wanted, [\d,]+ available; "
    r"remove versions or make room"
)
UNSURE = re.compile(
    r"refused: /.*: (written, but it may not outlast|removed, but it may come back after) "
    r"a power cut \(No space left on device\); look after the disk"
)
STEPS = {
    "stage": Step("stage", 0, "", "1", 0),
    "add a new one": Step("add", 0, "", "4", 0),
    "add one again": Step("add", 0, "", "1", 0),
    "add what is damaged": Step("add", 0, "", "2", 0),
    "activate": Step("activate", 0, BACK, "1", 0),
    "settle": Step("settle", 0, FRONT, "", 2),
    "note_probation": Step("note_probation", 1, FRONT, "", 0),
    "rollback": Step("rollback", 0, FRONT, "", 0),
    "reload": Step("reload", 0, FRONT, "", 0),
    "revert": Step("revert", 0, FRONT, "", 2),
    "quarantine": Step("quarantine", 0, "", "1", 0),
    "release": Step("release", 0, "", "3", 0),
    "remove": Step("remove", 0, "", "3", 0),
    "clean": Step("clean", 9, "", "", 0),
    "sweep": Step("sweep", 0, "", "", 0),
}


class Filling:
    """The disk has room until the n-th time that it is needed, and then none for anything new."""

    def __init__(self, times: int) -> None:
        self._left = times
        self.was_full = False

    def __call__(self, point: str) -> None:
        when, what = point.split()
        if when == "after" or what not in NEEDS_ROOM:
            return
        self._left -= 1
        if self._left == 0 or (self._left < 0 and what != "rename"):
            self.was_full = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def prepared(swift: Path) -> Path:
    """A store with something for each operation to do; one of its packages is damaged."""
    store = Store(swift / "prepared", Hasty())
    first, second, third = (add(store, "street", version) for version in "123")
    activate_good(store, first)
    activate(store, second)
    store.quarantine(third, "leaks", NOW)
    rotten = store.version(second).package / "net" / "m.bin"
    rotten.chmod(0o600)
    rotten.write_bytes(b"rotten")
    rotten.chmod(0o400)
    (store.layout.staging / "dead").mkdir()
    (store.layout.staging / "dead" / "lock").touch()
    return swift / "prepared"


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_full_disk_changes_nothing(swift: Path, prepared: Path, step: Step) -> None:
    shutil.copytree(prepared, swift / "after")
    done = performed(Store(swift / "after", Hasty()), step)
    before, after = see(Store(prepared)), see(Store(swift / "after"))
    assert not done.startswith("refused")
    for times in count(1):
        work = swift / "work"
        shutil.copytree(prepared, work)
        filling = Filling(times)
        outcome = ""
        with suppress(OSError):  # as an unpacker meets it, whose affair it is
            outcome = performed(Store(work, Watched(filling)), step)
        sight = see(Store(work))
        if UNSURE.fullmatch(outcome) or outcome == done:
            assert sight == after
        else:
            assert FULL.fullmatch(outcome) or (not outcome and step.kind in {"stage", "add"})
            assert sight in (before, before._replace(intact=after.intact))  # mended all the same
            assert list(work.rglob("*.tmp")) == []
        sweep(Store(work, Hasty()), sight)
        discard(Disk(), work)
        if not filling.was_full:
            break
    assert times > 1


def test_it_is_said_how_much_was_wanted(store: Store) -> None:
    def fill(point: str) -> None:
        if point in {"amid write", "before restrict"}:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    full = Store(store.layout.root.parent, Watched(fill))
    store.reload(FRONT)
    twice_bytes = 2 * store.layout.slot(FRONT).stat().st_size
    with pytest.raises(StoreError, match=rf"slots/front.json: .* full: {twice_bytes:,} bytes want"):
        full.reload(FRONT)
    size_bytes = sum(map(len, content("street").values()))
    with (
        staged(store, "street") as package,
        pytest.raises(StoreError, match=rf"/package: .* full: {size_bytes:,} bytes wanted"),
    ):
        full.add(package, record("street"), digest_of)


@pytest.mark.parametrize(
    ("change", "do", "said"),
    [
        ("after rename", lambda store: store.reload(FRONT), "written, but it may not outlast a"),
        ("after remove", lambda store: store.release("0" * 64), "removed, but it may come back"),
    ],
)
def test_what_may_not_last_is_said(
    store: Store, change: str, do: Callable[[Store], object], said: str
) -> None:
    store.quarantine("0" * 64, "leaks", NOW)
    points: list[str] = []

    def fail_after(point: str) -> None:
        points.append(point)
        if point == "before sync" and change in points:
            fail(point)

    with pytest.raises(StoreError, match=rf"{said} .*\(Input/output error\); look after the disk"):
        do(Store(store.layout.root.parent, Watched(fail_after)))
    assert store.slot(FRONT).slot.generation == (change == "after rename")
    assert (store.quarantined("0" * 64) is None) == (change == "after remove")
